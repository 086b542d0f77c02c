#!/usr/bin/env bash
# Another way for each point: two drop-ins, bytes and seconds, a signal, gpasswd, JSON.
set -euo pipefail

mkdir -p /usr/lib/systemd/journald.conf.d /etc/systemd/journald.conf.d
printf '[Journal]\nStorage=volatile\nSystemMaxUse=1G\n' > /usr/lib/systemd/journald.conf.d/10-vendor.conf
printf '[Journal]\nStorage = persistent\nSystemMaxUse = %s\n[Journal]\nMaxRetentionSec=%s\n' \
  "$((LAB_SIZE * 1024 * 1024))" "$((LAB_DAYS * 86400))" > /etc/systemd/journald.conf.d/90-site.conf
gpasswd -a "$LAB_READER" systemd-journal
systemctl restart systemd-journald
systemctl kill --kill-whom=main --signal=SIGUSR1 systemd-journald
while [ ! -e /run/systemd/journal/flushed ]; do sleep 0.1; done
chgrp -R systemd-journal /var/log/journal
find /var/log/journal -type d -exec chmod 2755 {} +

number=$(journalctl -q -b -o json -u "$LAB_UNIT" -p "$LAB_LEVEL..$LAB_LEVEL" \
  | python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["MESSAGE"].split()[1])')
printf '%s' "${number%:}" > "$LAB_ANSWER_PATH"
