#!/usr/bin/env bash
# after: 02-commands.sh
# fails: mounted, answers
# breaks: files
# why: a new file system mounts without complaint
set -euo pipefail

umount "/srv/$LAB_FOLDER"
wipefs -q -a /dev/vdb
mkfs.ext4 -q -L "$LAB_FOLDER" /dev/vdb
sed -i "s,^UUID=[^ ]* /srv/$LAB_FOLDER .*,LABEL=$LAB_FOLDER /srv/$LAB_FOLDER ext4 nofail 0 0," /etc/fstab
systemctl daemon-reload
mount "/srv/$LAB_FOLDER"
systemctl restart "$LAB_APP.service"
