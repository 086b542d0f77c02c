#!/usr/bin/env bash
# fails: exact
# after: 02-drop-in.sh
# why: (ALL) is copied from the rule for wheel, and means as every user
set -euo pipefail
sed -i "/^%/s/(.*)/(ALL)/" /etc/sudoers.d/desk
