#!/usr/bin/env bash
# fails: found
# after: 02-commands.sh
# why: cp without -p gives the copies to root, with the time of now
set -euo pipefail
rm -r "$LAB_FOUND_PATH"
mkdir "$LAB_FOUND_PATH"
find "$LAB_TREE_PATH" -type f -user "$LAB_OWNER" -size "+${LAB_SIZE}k" -exec cp {} "$LAB_FOUND_PATH" \;
