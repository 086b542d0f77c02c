#!/usr/bin/env bash
# fails: counts, owner, mark, several, missing
# after: 02-find.sh
# why: $1 is the first argument, and there may be more
set -euo pipefail
# shellcheck disable=SC2016 # the text of the script
sed -i 's/^while (($# > 0)); do/for first in "$1"; do/' "$LAB_PROGRAM"
