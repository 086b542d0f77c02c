#!/usr/bin/env bash
# fails: expiry
# after: 02-commands.sh
# why: "on that day" is taken as the last good day, and the day after it is set
set -euo pipefail
chage -E "$(date -u -d "$LAB_UNTIL + 1 day" +%F)" "$LAB_TEMP"
