#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: cron
# why: cron has no /usr/local/bin in its PATH
set -euo pipefail

crontab -u "$LAB_USER" -l | sed s,/usr/local/bin/,, | crontab -u "$LAB_USER" -
