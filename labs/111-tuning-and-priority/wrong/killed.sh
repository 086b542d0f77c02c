#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: stopped
# why: kill ends the process; its unit starts another one.
set -euo pipefail
systemctl enable --now "$LAB_FEED.service"
pkill -x "$LAB_HOG"
until pgrep -x "$LAB_HOG" >/dev/null; do :; done
