#!/usr/bin/env bash
# fails: lines
# after: 02-commands.sh
# why: an unescaped dot matches any character, and without ^ any place in the line
set -euo pipefail
grep "10.$LAB_NET.*\" $LAB_STATUS " "$LAB_LOG_PATH" > "$LAB_LINES_PATH"
