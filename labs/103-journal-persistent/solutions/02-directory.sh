#!/usr/bin/env bash
# Storage=auto with a directory made by hand, and the limits in the main file.
set -euo pipefail

mkdir -p /var/log/journal
systemd-tmpfiles --create --prefix /var/log/journal
conf=/etc/systemd/journald.conf
touch "$conf"
sed -i '/^#\?\(SystemMaxUse\|MaxRetentionSec\)=/d' "$conf"
grep -q '^\[Journal\]' "$conf" || echo '[Journal]' >> "$conf"
sed -i "/^\[Journal\]/a SystemMaxUse=$((LAB_SIZE * 1024))K\nMaxRetentionSec=$((LAB_DAYS * 24))h" "$conf"
systemctl restart systemd-journald
journalctl --flush

usermod -aG systemd-journal "$LAB_READER"
journalctl -q -u "$LAB_UNIT" -p "$LAB_LEVEL..$LAB_LEVEL" -o cat \
  | grep -o '[0-9]\+' | sort -u > "$LAB_ANSWER_PATH"
