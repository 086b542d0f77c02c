#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: timer_when
# why: the service was enabled beside its timer, so it runs at each boot as well
set -euo pipefail

printf '%s\n' '[Install]' 'WantedBy=multi-user.target' >> "/etc/systemd/system/$LAB_JOB-export.service"
systemctl daemon-reload
systemctl enable "$LAB_JOB-export.service"
