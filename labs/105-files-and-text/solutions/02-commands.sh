#!/usr/bin/env bash
# The commands that the manual pages lead to.
set -euo pipefail

mkdir "$LAB_FOUND_PATH"
find "$LAB_TREE_PATH" -type f -user "$LAB_OWNER" -size "+${LAB_SIZE}k" -exec cp -p {} "$LAB_FOUND_PATH" \;
grep -E "^10\.$LAB_NET\..*\" $LAB_STATUS [0-9]+\$" "$LAB_LOG_PATH" > "$LAB_LINES_PATH"
"$LAB_PROGRAM" > "$LAB_OUTPUT_PATH" 2>> "$LAB_ERRORS_PATH"
tar "--$LAB_PACKER" -C /srv --exclude='*.tmp' -cf "$LAB_ARCHIVE_PATH" "$LAB_TREE"
tar -C / -xpf "$LAB_BACKUP_PATH" "etc/$LAB_SERVICE/main.conf"
ln -s "$LAB_TREE_PATH" "$LAB_LINK_PATH"
ln "$LAB_FIGURES_PATH" "$LAB_TWIN_PATH"
