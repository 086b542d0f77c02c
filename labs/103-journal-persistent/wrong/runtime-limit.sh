#!/usr/bin/env bash
# fails: limited
# after: 02-directory.sh
# why: RuntimeMaxUse= limits the journal in memory, not the one on disk
set -euo pipefail
sed -i 's/^SystemMaxUse=/RuntimeMaxUse=/' /etc/systemd/journald.conf
systemctl restart systemd-journald
journalctl --flush
