#!/usr/bin/env bash
# fails: lead
# after: 02-drop-in.sh
# why: without a name in brackets the commands run as root, and as nobody else
set -euo pipefail
sed -i "s/^$LAB_LEAD .*/$LAB_LEAD ALL=ALL/" /etc/sudoers.d/desk
