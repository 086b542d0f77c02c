#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: named
# why: works, but the task asks for UUID or label
set -euo pipefail

sed -i "s,^LABEL=$LAB_FIRST ,/dev/$LAB_GROUP/$LAB_FIRST ," /etc/fstab
