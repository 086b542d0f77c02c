#!/usr/bin/env bash
# after: 01-playbook.yml
# loses: priority
# why: renice changes the process, and top shows it at once.
set -euo pipefail
rm -r "/etc/systemd/system/$LAB_BATCH.service.d"
systemctl daemon-reload
systemctl restart "$LAB_BATCH.service"
renice -n "$LAB_NICE" -p "$(systemctl show --property=MainPID --value "$LAB_BATCH.service")"
