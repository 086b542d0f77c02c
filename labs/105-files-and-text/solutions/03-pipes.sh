#!/usr/bin/env bash
# Another way for each point: awk, pipes, tar from a list, a relative link, cp -l.
set -euo pipefail

mkdir -p "$LAB_FOUND_PATH"
find "$LAB_TREE_PATH" -type f -user "$LAB_OWNER" -size "+$((LAB_SIZE * 1024))c" -print0 \
  | xargs -0 cp -a -t "$LAB_FOUND_PATH"
awk -v net="$LAB_NET" -v status="$LAB_STATUS" \
  '{ split($1, part, ".") } part[1] == 10 && part[2] == net && $(NF - 1) == status' \
  "$LAB_LOG_PATH" > "$LAB_LINES_PATH"
{ "$LAB_PROGRAM" | tee "$LAB_OUTPUT_PATH" > /dev/null; } 2>> "$LAB_ERRORS_PATH"
cd /srv
find "./$LAB_TREE" \( -type f -o -type l \) ! -name '*.tmp' -print0 \
  | tar --null -T - -cf - | "$LAB_PACKER" -9 > "$LAB_ARCHIVE_PATH"
unpacked=$(mktemp -d)
tar -xzf "$LAB_BACKUP_PATH" -C "$unpacked"
cp -p "$unpacked/etc/$LAB_SERVICE/main.conf" "/etc/$LAB_SERVICE/main.conf"
rm -r "$unpacked"
ln -s "../srv/$LAB_TREE/" "$LAB_LINK_PATH"
cp -l "$LAB_FIGURES_PATH" "$LAB_TWIN_PATH"
