#!/usr/bin/env bash
# One file of rules, checked before it is put in place, as visudo -f does it.
set -euo pipefail

new=$(mktemp)
cat > "$new" << EOF
%$LAB_TEAM ALL=($LAB_FREE_USER) NOPASSWD: $LAB_FREE_COMMAND
%$LAB_TEAM ALL=($LAB_ASKED_USER) $LAB_ASKED_COMMAND
$LAB_LEAD ALL=(ALL) ALL
EOF
visudo -cf "$new"
install -m 440 "$new" /etc/sudoers.d/desk
rm "$new"
