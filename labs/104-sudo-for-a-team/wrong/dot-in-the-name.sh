#!/usr/bin/env bash
# fails: free, asked, members, exact, lead
# after: 02-drop-in.sh
# why: sudo ignores files in sudoers.d that have a dot in their name
set -euo pipefail
mv /etc/sudoers.d/desk /etc/sudoers.d/desk.conf
