#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: cron
# why: hour before minute
set -euo pipefail

crontab -u "$LAB_USER" - <<END
$LAB_TIDY_HOUR $LAB_TIDY_MINUTE * * $(date -d "$LAB_WEEKDAY" +%w) /usr/local/bin/$LAB_JOB-tidy $LAB_KEEP
END
