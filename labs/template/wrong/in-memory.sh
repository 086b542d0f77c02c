#!/usr/bin/env bash
# loses: content, mode
# why: The file is there and right, but /run is empty after a reboot.
set -euo pipefail
echo "$LAB_WORD" >/run/note
chmod "$LAB_MODE" /run/note
ln -s /run/note "$LAB_NOTE"
