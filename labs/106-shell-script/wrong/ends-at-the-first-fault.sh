#!/usr/bin/env bash
# fails: missing
# after: 02-find.sh
# why: exit in the loop leaves the other arguments undone
set -euo pipefail
# shellcheck disable=SC2016 # the text of the script
sed -i 's/    code=bad_code/    exit "$bad_code"/' "$LAB_PROGRAM"
