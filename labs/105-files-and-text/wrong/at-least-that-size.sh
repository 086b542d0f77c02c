#!/usr/bin/env bash
# fails: found
# after: 02-commands.sh
# why: one less and then "more than" also takes the file of exactly that size
set -euo pipefail
find "$LAB_TREE_PATH" -type f -user "$LAB_OWNER" -size "+$((LAB_SIZE - 1))k" -exec cp -p {} "$LAB_FOUND_PATH" \;
