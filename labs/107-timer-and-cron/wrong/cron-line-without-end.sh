#!/usr/bin/env bash
# after: 02-commands.sh
# fails: cron
# why: cron passes over a last line that does not end
set -euo pipefail

table=$(cat "/etc/cron.d/$LAB_JOB")
printf %s "$table" > "/etc/cron.d/$LAB_JOB"
