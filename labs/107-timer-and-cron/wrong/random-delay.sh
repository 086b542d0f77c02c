#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: timer_when
# why: a delay was left in from an example
set -euo pipefail

sed -i "/Persistent/i RandomizedDelaySec=15min" "/etc/systemd/system/$LAB_JOB-export.timer"
systemctl daemon-reload
systemctl restart "$LAB_JOB-export.timer"
