#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: timer_when
# why: hours and minutes in cron order
set -euo pipefail

sed -i "s/OnCalendar=.*/OnCalendar=$LAB_DAYS *-*-* $LAB_MINUTE:$LAB_HOUR:00/" "/etc/systemd/system/$LAB_JOB-export.timer"
systemctl daemon-reload
systemctl restart "$LAB_JOB-export.timer"
