#!/usr/bin/env bash
# fails: runs, counts, owner, mark, several, missing, usage
# after: 02-find.sh
# why: the script is written, but has no permission to be run
set -euo pipefail
chmod 644 "$LAB_PROGRAM"
