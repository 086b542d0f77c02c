#!/usr/bin/env bash
# fails: umask
# after: 02-commands.sh
# why: umask at the prompt holds until the shell ends
set -euo pipefail
rm /etc/profile.d/clerk.sh
runuser -l "$LAB_CLERK" -c "umask $LAB_UMASK"
