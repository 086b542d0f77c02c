#!/usr/bin/env bash
# after: 02-commands.sh
# fails: mounted
# why: a copy of the files in the folder itself looks the same
set -euo pipefail

copy=$(mktemp -d)
cp -a "/srv/$LAB_FOLDER/." "$copy"
systemctl stop "$LAB_APP.service"
umount "/srv/$LAB_FOLDER"
sed -i "\,^UUID=[^ ]* /srv/$LAB_FOLDER ,d" /etc/fstab
systemctl daemon-reload
cp -a "$copy/." "/srv/$LAB_FOLDER"
systemctl start "$LAB_APP.service"
