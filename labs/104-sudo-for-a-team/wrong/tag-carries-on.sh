#!/usr/bin/env bash
# fails: asked
# after: 02-drop-in.sh
# why: in one rule, NOPASSWD: holds for the commands after it as well
set -euo pipefail
cat > /etc/sudoers.d/desk << EOF
%$LAB_TEAM ALL=($LAB_FREE_USER) NOPASSWD: $LAB_FREE_COMMAND, ($LAB_ASKED_USER) $LAB_ASKED_COMMAND
$LAB_LEAD ALL=(ALL) ALL
EOF
