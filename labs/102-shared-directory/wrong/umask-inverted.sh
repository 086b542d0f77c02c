#!/usr/bin/env bash
# fails: umask
# after: 02-commands.sh
# why: the mask is taken for the permissions themselves
set -euo pipefail
echo "umask $(printf '%03o' $((0777 & ~8#$LAB_UMASK)))" > "/home/$LAB_CLERK/.bash_profile"
