#!/usr/bin/env bash
# fails: archive
# after: 02-commands.sh
# why: unpacked, this gives srv and the directory in it
set -euo pipefail
tar "--$LAB_PACKER" --exclude='*.tmp' -cf "$LAB_ARCHIVE_PATH" "$LAB_TREE_PATH"
