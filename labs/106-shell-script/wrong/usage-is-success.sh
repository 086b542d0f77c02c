#!/usr/bin/env bash
# fails: usage
# after: 02-find.sh
# why: exit without a number after echo is the exit code of echo
set -euo pipefail
# shellcheck disable=SC2016 # the text of the script
sed -i 's/  exit "$usage_code"/  exit/' "$LAB_PROGRAM"
