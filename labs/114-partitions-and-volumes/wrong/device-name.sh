#!/usr/bin/env bash
# after: 02-commands.sh
# fails: named
# why: names of devices may be those of other devices after the next change
set -euo pipefail

sed -i "s,^/dev/disk/.* swap swap,${LAB_DISK}1 swap swap," /etc/fstab
