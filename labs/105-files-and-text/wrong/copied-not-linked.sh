#!/usr/bin/env bash
# fails: links
# after: 02-commands.sh
# why: a copy looks like a hard link until one of the two changes
set -euo pipefail
rm "$LAB_TWIN_PATH"
cp -p "$LAB_FIGURES_PATH" "$LAB_TWIN_PATH"
