#!/usr/bin/env bash
# fails: work
# after: 02-commands.sh
# why: the sticky bit is known from /tmp, but keeps members from each other's files
set -euo pipefail
chmod +t "$LAB_SHARE_PATH"
