#!/usr/bin/env bash
# fails: expiry
# after: 02-commands.sh
# why: a password that runs out at that date is not an account that does
set -euo pipefail
chage -E -1 -M $((($(date -u -d "$LAB_UNTIL" +%s) - $(date +%s)) / 86400)) -I 0 "$LAB_TEMP"
