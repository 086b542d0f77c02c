#!/usr/bin/env bash
# fdisk's scriptable sister, LVM by extents, UUIDs, an automount, and a mount unit of one's own.
set -euo pipefail

printf '%s\n' 'label: gpt' "size=${LAB_SWAP}MiB, type=swap" 'type=lvm' | sfdisk --quiet "$LAB_DISK"
udevadm settle
pvcreate -y "${LAB_DISK}2"
vgcreate -s "${LAB_EXTENT}M" "$LAB_GROUP" "${LAB_DISK}2"
lvcreate -y -n "$LAB_FIRST" -l "$LAB_FIRST_EXTENTS" "$LAB_GROUP"
lvcreate -y -n "$LAB_SECOND" -L "${LAB_SECOND_SIZE}M" "$LAB_GROUP"

mkfs.ext4 -q "/dev/$LAB_GROUP/$LAB_FIRST"
e2label "/dev/$LAB_GROUP/$LAB_FIRST" "$LAB_FIRST"
mkfs.xfs -q "/dev/$LAB_GROUP/$LAB_SECOND"
mkswap "${LAB_DISK}1"
udevadm settle

mkdir -p "/srv/$LAB_FIRST"
{
  echo "UUID=$(blkid -s UUID -o value "/dev/$LAB_GROUP/$LAB_FIRST") /srv/$LAB_FIRST ext4 x-systemd.automount 0 2"
  echo "/dev/disk/by-uuid/$(blkid -s UUID -o value "${LAB_DISK}1") swap swap defaults 0 0"
} >> /etc/fstab
unit=$(systemd-escape --path --suffix=mount "/srv/$LAB_SECOND")
cat > "/etc/systemd/system/$unit" << END
[Mount]
What=/dev/disk/by-uuid/$(blkid -s UUID -o value "/dev/$LAB_GROUP/$LAB_SECOND")
Where=/srv/$LAB_SECOND
Type=xfs
Options=noexec

[Install]
WantedBy=local-fs.target
END
systemctl daemon-reload
mount -a
swapon -a
systemctl enable --now "$unit"
