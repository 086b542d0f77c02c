#!/usr/bin/env bash
# breaks: content
# after: 02-commands.sh
# why: instead of changing the files' permissions, empty files with the right ones take their place
set -euo pipefail
truncate -s 0 "$LAB_SHARE_PATH/plan.txt"
