#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: once
# why: at was given the day alone and takes the time from now
set -euo pipefail

cd /
atrm "$(atq | cut -f1)"
echo "/usr/local/bin/$LAB_JOB-remind" | runuser -u "$LAB_USER" -- at "$LAB_DATE"
