#!/usr/bin/env bash
# after: 02-commands.sh
# fails: swap
# why: a swap file is swap space too, but not what was asked for
set -euo pipefail

sed -i "/$(blkid -s UUID -o value "/dev/$LAB_GROUP/swap")/d" /etc/fstab
swapoff "/dev/$LAB_GROUP/swap"
lvremove -y "$LAB_GROUP/swap"
dd if=/dev/zero of=/swapfile bs=1M count="$LAB_SWAP" status=none
chmod 0600 /swapfile
mkswap /swapfile
echo "/swapfile none swap sw 0 0" >> /etc/fstab
