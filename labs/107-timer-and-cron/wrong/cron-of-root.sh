#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: cron
# why: the table of root, not of the user
set -euo pipefail

crontab -u "$LAB_USER" -l | crontab -
crontab -u "$LAB_USER" -r
