#!/usr/bin/env bash
# fails: existing
# after: 02-commands.sh
# why: one chmod -R with the directory's mode makes each file a program
set -euo pipefail
if [ "$LAB_OTHERS" = nothing ]; then
  chmod -R 2770 "$LAB_SHARE_PATH"
else
  chmod -R 2775 "$LAB_SHARE_PATH"
fi
