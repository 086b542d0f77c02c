#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: cron
# why: a day of the month that is no star counts beside the weekday: this runs each day
set -euo pipefail

crontab -u "$LAB_USER" - <<END
$LAB_TIDY_MINUTE $LAB_TIDY_HOUR 1-31 * $(date -d "$LAB_WEEKDAY" +%w) /usr/local/bin/$LAB_JOB-tidy $LAB_KEEP
END
