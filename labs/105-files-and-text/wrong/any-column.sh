#!/usr/bin/env bash
# fails: lines
# after: 02-commands.sh
# why: the status is also a path and a number of bytes
set -euo pipefail
grep "^10\.$LAB_NET\." "$LAB_LOG_PATH" | grep "$LAB_STATUS" > "$LAB_LINES_PATH"
