#!/usr/bin/env bash
# fails: lead
# after: 02-drop-in.sh
# why: NOPASSWD: is copied from the line above
set -euo pipefail
sed -i "s/^$LAB_LEAD .*/$LAB_LEAD ALL=(ALL) NOPASSWD: ALL/" /etc/sudoers.d/desk
