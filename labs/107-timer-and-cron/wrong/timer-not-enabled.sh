#!/usr/bin/env bash
# after: 01-playbook.yml
# loses: timer_on
# why: the timer was started and looks fine, but was never enabled
set -euo pipefail

systemctl disable "$LAB_JOB-export.timer"
