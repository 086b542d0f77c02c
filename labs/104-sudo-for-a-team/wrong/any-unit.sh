#!/usr/bin/env bash
# fails: exact
# after: 02-drop-in.sh
# why: a wildcard saves a line for the next service, and lets every service be restarted
set -euo pipefail
sed -i "s/restart $LAB_UNIT/restart */" /etc/sudoers.d/desk
