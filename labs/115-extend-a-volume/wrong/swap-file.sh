#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: swap
# why: a swap file is swap space too, but not what was asked for
set -euo pipefail

swapoff "/dev/$LAB_GROUP/swap"
lvremove -y "$LAB_GROUP/swap"
sed -i "\,^/dev/$LAB_GROUP/swap ,d" /etc/fstab
dd if=/dev/zero of=/swapfile bs=1M count="$LAB_SWAP" status=none
chmod 0600 /swapfile
mkswap /swapfile
echo "/swapfile none swap sw 0 0" >> /etc/fstab
