#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: timer_runs
# why: without User= the service runs as root
set -euo pipefail

sed -i /User=/d "/etc/systemd/system/$LAB_JOB-export.service"
systemctl daemon-reload
