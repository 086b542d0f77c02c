#!/usr/bin/env bash
# fails: exact
# after: 02-drop-in.sh
# why: a star after the name looks harmless, but matches further arguments as well
set -euo pipefail
sed -i "s/restart $LAB_UNIT/restart $LAB_SERVICE*/" /etc/sudoers.d/desk
