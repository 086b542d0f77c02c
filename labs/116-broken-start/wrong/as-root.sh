#!/usr/bin/env bash
# after: 02-commands.sh
# fails: running
# why: as root everything works
set -euo pipefail

sed -i s/^User=.*/User=root/ "/etc/systemd/system/$LAB_APP.service.d/mend.conf"
systemctl daemon-reload
systemctl restart "$LAB_APP.service"
