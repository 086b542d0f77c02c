#!/usr/bin/env bash
# after: 02-commands.sh
# fails: named
# why: works, but the task asks for UUID or label
set -euo pipefail

sed -i "s,^UUID=[^ ]* /srv/$LAB_FIRST ,/dev/$LAB_GROUP/$LAB_FIRST /srv/$LAB_FIRST ," /etc/fstab
