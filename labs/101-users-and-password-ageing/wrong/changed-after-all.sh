#!/usr/bin/env bash
# fails: password
# after: 02-commands.sh
# why: the password is set after chage -d 0, and setting it is the change that was asked for
set -euo pipefail
echo "$LAB_JOINER:$LAB_PASSWORD" | chpasswd
