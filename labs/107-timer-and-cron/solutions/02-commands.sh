#!/usr/bin/env bash
# Several calendar lines in one timer, a table in /etc/cron.d, at's own way to say a date.
set -euo pipefail

units=/etc/systemd/system
printf '%s\n' '[Service]' "User=$LAB_USER" "Group=$LAB_USER" \
  "ExecStart=/bin/bash -c /usr/local/bin/$LAB_JOB-export" > "$units/$LAB_JOB-export.service"
case $LAB_DAYS in
  Mon..Fri) days='Mon Tue Wed Thu Fri' ;;
  *) days=${LAB_DAYS//,/ } ;;
esac
{
  echo '[Timer]'
  for day in $days; do
    echo "OnCalendar=$day $LAB_HOUR:$LAB_MINUTE"
  done
  printf '%s\n' 'AccuracySec=1s' 'Persistent=yes' '[Install]' 'WantedBy=timers.target'
} > "$units/$LAB_JOB-export.timer"
systemctl daemon-reload
systemctl enable --now "$LAB_JOB-export.timer"

weekday=$(date -d "$LAB_WEEKDAY" +%w)
echo "$LAB_TIDY_MINUTE $LAB_TIDY_HOUR * * $weekday $LAB_USER $LAB_JOB-tidy $LAB_KEEP" > "/etc/cron.d/$LAB_JOB"
sed -i '1i PATH=/usr/local/bin:/usr/bin:/bin' "/etc/cron.d/$LAB_JOB"

systemctl enable --now atd
cd /
echo "/usr/local/bin/$LAB_JOB-remind" | runuser -u "$LAB_USER" -- at 06:30 "$LAB_DATE"
