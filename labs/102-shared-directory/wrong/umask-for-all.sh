#!/usr/bin/env bash
# fails: umask
# after: 02-commands.sh
# why: a line in profile.d is read by everybody's login shell
set -euo pipefail
echo "umask $LAB_UMASK" > /etc/profile.d/clerk.sh
