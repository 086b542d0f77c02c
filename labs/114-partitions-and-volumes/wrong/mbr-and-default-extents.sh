#!/usr/bin/env bash
# fails: table, group
# why: an MBR out of habit, LVM with its own extent size
set -euo pipefail

printf "%s\n" "label: dos" "size=${LAB_SWAP}MiB, type=82" "type=8e" | sfdisk --quiet "$LAB_DISK"
udevadm settle
vgcreate "$LAB_GROUP" "${LAB_DISK}2"
lvcreate -y -n "$LAB_FIRST" -L "$((LAB_FIRST_EXTENTS * LAB_EXTENT))M" "$LAB_GROUP"
lvcreate -y -n "$LAB_SECOND" -L "${LAB_SECOND_SIZE}M" "$LAB_GROUP"
mkfs.ext4 -q -L "$LAB_FIRST" "/dev/$LAB_GROUP/$LAB_FIRST"
mkfs.xfs -q -L data "/dev/$LAB_GROUP/$LAB_SECOND"
mkswap -L more "${LAB_DISK}1"
udevadm settle
mkdir -p "/srv/$LAB_FIRST" "/srv/$LAB_SECOND"
printf "%s\n" "LABEL=$LAB_FIRST /srv/$LAB_FIRST ext4 defaults 0 0" "LABEL=data /srv/$LAB_SECOND xfs noexec 0 0" \
  "LABEL=more none swap sw 0 0" >> /etc/fstab
systemctl daemon-reload
mount -a
swapon -a
