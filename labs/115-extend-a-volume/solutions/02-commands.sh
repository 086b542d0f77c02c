#!/usr/bin/env bash
# Volume and file system one after the other; swap by UUID.
set -euo pipefail

pvcreate "$LAB_SPARE"
vgextend "$LAB_GROUP" "$LAB_SPARE"
lvextend -L "${LAB_SIZE}M" "$LAB_GROUP/$LAB_DATA"
if [ "$LAB_FILESYSTEM" = xfs ]; then
  xfs_growfs "/srv/$LAB_DATA"
else
  resize2fs "/dev/$LAB_GROUP/$LAB_DATA"
fi

lvcreate -y -L "${LAB_SWAP}M" -n swap "$LAB_GROUP"
mkswap "/dev/$LAB_GROUP/swap"
udevadm settle
echo "UUID=$(blkid -s UUID -o value "/dev/$LAB_GROUP/swap") none swap defaults 0 0" >> /etc/fstab
swapon -a
