#!/usr/bin/env bash
# breaks: newer
# after: 02-commands.sh
# why: unpacking the whole backup also puts back the file that is newer
set -euo pipefail
tar -C / -xpf "$LAB_BACKUP_PATH"
