#!/usr/bin/env bash
# fails: limited, retention
# after: 02-directory.sh
# why: vacuuming makes the journal small and young today, and limits nothing
set -euo pipefail
sed -i '/^\(SystemMaxUse\|MaxRetentionSec\)=/d' /etc/systemd/journald.conf
systemctl restart systemd-journald
journalctl --flush
journalctl --vacuum-size="${LAB_SIZE}M" --vacuum-time="${LAB_DAYS}d"
