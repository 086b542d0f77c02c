#!/usr/bin/env bash
# The main file, with aliases, one rule for both commands, and systemctl by its path in /bin.
set -euo pipefail

gid=$(getent group "$LAB_TEAM" | cut -d: -f3)
cat >> /etc/sudoers << EOF
User_Alias DESK = %#$gid
Runas_Alias FREE_AS = $LAB_FREE_USER
Cmnd_Alias FREE = ${LAB_FREE_COMMAND/#\/usr\/bin/\/bin}
Cmnd_Alias ASKED = ${LAB_ASKED_COMMAND/#\/usr\/bin/\/bin}
DESK ALL = (FREE_AS) NOPASSWD: FREE, ($LAB_ASKED_USER) PASSWD: ASKED
$LAB_LEAD ALL = (ALL:ALL) PASSWD: ALL
EOF
visudo -c
