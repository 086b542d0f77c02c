#!/usr/bin/env bash
# fails: swap
# breaks: other, kit-units
# why: the room was taken from the neighbour in place of the new disk
set -euo pipefail

umount "/srv/$LAB_OTHER"
lvremove -y "$LAB_GROUP/$LAB_OTHER"
sed -i "\,/srv/$LAB_OTHER ,d" /etc/fstab
vgextend "$LAB_GROUP" "$LAB_SPARE"
lvextend -r -L "${LAB_SIZE}M" "$LAB_GROUP/$LAB_DATA"
