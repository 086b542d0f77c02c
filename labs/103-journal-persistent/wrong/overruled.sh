#!/usr/bin/env bash
# fails: limited, retention
# after: 02-directory.sh
# why: the main file is right, but a drop-in file that somebody left has the last word
set -euo pipefail
mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nSystemMaxUse=32M\nMaxRetentionSec=0\n' > /etc/systemd/journald.conf.d/99-old.conf
systemctl restart systemd-journald
journalctl --flush
