#!/usr/bin/env bash
# fails: exact
# after: 02-drop-in.sh
# why: a command without arguments in a rule may be run with any
set -euo pipefail
sed -i "s/systemctl restart $LAB_UNIT/systemctl/" /etc/sudoers.d/desk
