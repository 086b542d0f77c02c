#!/usr/bin/env bash
# fails: profile, priority, busiest, stopped, target
# why: A drop-in is written, and the running service is left as it is.
set -euo pipefail
mkdir -p "/etc/systemd/system/$LAB_BATCH.service.d"
printf '[Service]\nNice=%s\n' "$LAB_NICE" >"/etc/systemd/system/$LAB_BATCH.service.d/nice.conf"
systemctl daemon-reload
