#!/usr/bin/env bash
# after: 02-commands.sh
# fails: physical
# breaks: archive
# why: the group needed room, and there was another disk
set -euo pipefail

case $LAB_DISK in
  /dev/vdb) other=/dev/vdc ;;
  *) other=/dev/vdb ;;
esac
wipefs -a "$other"
vgextend -y "$LAB_GROUP" "$other"
