#!/usr/bin/env bash
# fails: counts, mark, several, missing
# after: 02-find.sh
# why: grep finds the letters anywhere in a name, and dots match anything
set -euo pipefail
# shellcheck disable=SC2016 # the text of the script
sed -i 's/number=.*/number=$(ls "$1" | grep -c ".$suffix")/' "$LAB_PROGRAM"
