#!/usr/bin/env bash
# fails: counts
# after: 02-find.sh
# why: a pattern that matches nothing is counted as one file
set -euo pipefail
# shellcheck disable=SC2016 # the text of the script
sed -i 's/number=.*/number=0; for f in "$1"\/*".$suffix"; do [[ -d $f ]] || number=$((number + 1)); done/' "$LAB_PROGRAM"
