#!/usr/bin/env bash
# fails: stored, limited
# why: the configuration is right, but journald goes on in memory until it is flushed
set -euo pipefail
mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nStorage=persistent\nSystemMaxUse=%sM\nMaxRetentionSec=%sd\n' "$LAB_SIZE" "$LAB_DAYS" \
  > /etc/systemd/journald.conf.d/50-keep.conf
systemctl restart systemd-journald
usermod -aG systemd-journal "$LAB_READER"
journalctl -q -b -u "$LAB_UNIT" -p "$LAB_LEVEL..$LAB_LEVEL" -o cat | grep -o '[0-9]\+' > "$LAB_ANSWER_PATH"
