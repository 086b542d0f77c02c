#!/usr/bin/env bash
# breaks: kit-data
# after: 02-commands.sh
# why: mv puts the files where they are wanted, and takes them from where they were
set -euo pipefail
find "$LAB_TREE_PATH" -type f -user "$LAB_OWNER" -size "+${LAB_SIZE}k" -exec mv {} "$LAB_FOUND_PATH" \;
