#!/usr/bin/env bash
# after: 02-commands.sh
# fails: cron
# why: cron passes over a table that can be executed
set -euo pipefail

chmod +x "/etc/cron.d/$LAB_JOB"
