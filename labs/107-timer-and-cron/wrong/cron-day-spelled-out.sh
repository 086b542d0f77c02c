#!/usr/bin/env bash
# after: 02-commands.sh
# fails: cron
# why: cron knows days by three letters, and passes over a line with more
set -euo pipefail

sed -i "s/ \* \* [0-6] / * * $LAB_WEEKDAY /" "/etc/cron.d/$LAB_JOB"
