#!/usr/bin/env bash
# fails: limited, retention
# after: 02-directory.sh
# why: journald reads the section [Journal] only, and warns of another one in the journal
set -euo pipefail
sed -i 's/^\[Journal\]/[Service]/' /etc/systemd/journald.conf
systemctl restart systemd-journald
journalctl --flush
