#!/usr/bin/env bash
# after: 02-commands.sh
# fails: timer_when
# why: a day too many
set -euo pipefail

sed -i "0,/^OnCalendar=/s/^OnCalendar=\S*/OnCalendar=*-*-*/" "/etc/systemd/system/$LAB_JOB-export.timer"
systemctl daemon-reload
systemctl restart "$LAB_JOB-export.timer"
