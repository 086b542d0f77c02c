#!/usr/bin/env bash
# after: 02-commands.sh
# fails: named
# loses: first, swap
# why: mounted and switched on by hand, and not a word of it in fstab
set -euo pipefail

sed -i -e "\,/srv/$LAB_FIRST,d" -e "/ swap swap /{/$(blkid -s UUID -o value "${LAB_DISK}1")/d}" /etc/fstab
