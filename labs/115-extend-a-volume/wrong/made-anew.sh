#!/usr/bin/env bash
# after: 02-commands.sh
# fails: room
# why: a new file system in the larger volume, the files copied back: its UUID is another one
set -euo pipefail

copy=$(mktemp -d)
cp -a "/srv/$LAB_DATA/." "$copy"
umount "/srv/$LAB_DATA"
device=/dev/$LAB_GROUP/$LAB_DATA
old=$(blkid -s UUID -o value "$device")
wipefs -q -a "$device"
"mkfs.$LAB_FILESYSTEM" -q "$device"
udevadm settle
sed -i "s/$old/$(blkid -p -s UUID -o value "$device")/" /etc/fstab
systemctl daemon-reload
mount "/srv/$LAB_DATA"
cp -a "$copy/." "/srv/$LAB_DATA"
