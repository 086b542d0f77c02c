#!/usr/bin/env bash
# fails: limited
# after: 02-directory.sh
# why: the file has the limit, but the journald that runs has never read it
set -euo pipefail
conf=/etc/systemd/journald.conf
right=$(grep '^SystemMaxUse=' "$conf")
sed -i 's/^SystemMaxUse=.*/SystemMaxUse=32M/' "$conf"
systemctl restart systemd-journald
journalctl --flush
sed -i "s/^SystemMaxUse=.*/$right/" "$conf"
