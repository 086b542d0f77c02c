#!/usr/bin/env bash
# fails: others, existing
# after: 02-commands.sh
# why: chmod -R 777 ends every "Permission denied"
set -euo pipefail
chmod -R 2777 "$LAB_SHARE_PATH"
