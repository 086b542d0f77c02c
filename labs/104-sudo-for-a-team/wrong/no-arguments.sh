#!/usr/bin/env bash
# fails: exact
# after: 02-drop-in.sh
# why: "" after a command means that it is given no arguments, not any
set -euo pipefail
sed -i "s,$LAB_PROGRAM,& \"\"," /etc/sudoers.d/desk
visudo -cf /etc/sudoers.d/desk
