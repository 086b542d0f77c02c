#!/usr/bin/env bash
# fails: archive
# after: 02-commands.sh
# why: tar -cf doesn't heed what the name ends in
set -euo pipefail
tar -C /srv --exclude='*.tmp' -cf "$LAB_ARCHIVE_PATH" "$LAB_TREE"
