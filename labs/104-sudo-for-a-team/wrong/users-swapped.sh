#!/usr/bin/env bash
# fails: free, asked, members, exact
# after: 02-drop-in.sh
# why: the name in brackets is whom the command runs as, not who may run it
set -euo pipefail
sed -i "1s/(.*)/($LAB_ASKED_USER)/;2s/(.*)/($LAB_FREE_USER)/" /etc/sudoers.d/desk
