#!/usr/bin/env bash
# fails: found
# after: 02-commands.sh
# why: -size without a plus finds the files of that size only
set -euo pipefail
rm -r "$LAB_FOUND_PATH"
mkdir "$LAB_FOUND_PATH"
find "$LAB_TREE_PATH" -type f -user "$LAB_OWNER" -size "${LAB_SIZE}k" -exec cp -p {} "$LAB_FOUND_PATH" \;
