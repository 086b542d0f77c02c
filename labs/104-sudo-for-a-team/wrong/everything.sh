#!/usr/bin/env bash
# fails: asked, exact
# after: 02-drop-in.sh
# why: NOPASSWD: ALL lets both commands run, and every other one
set -euo pipefail
cat > /etc/sudoers.d/desk << EOF
%$LAB_TEAM ALL=(ALL) NOPASSWD: ALL
$LAB_LEAD ALL=(ALL) ALL
EOF
