#!/usr/bin/env bash
# after: 02-commands.sh
# loses: swap
# why: in use, and not in fstab
set -euo pipefail

sed -i "/$(blkid -s UUID -o value "/dev/$LAB_GROUP/swap")/d" /etc/fstab
