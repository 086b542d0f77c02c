#!/usr/bin/env bash
# fails: counts, mark, several, missing
# after: 02-find.sh
# why: find goes into the directories below unless told otherwise
set -euo pipefail
sed -i 's/ -mindepth 1 -maxdepth 1 -type f/ -type f/' "$LAB_PROGRAM"
