#!/usr/bin/env bash
# fails: defaults
# after: 02-commands.sh
# why: the right lines are in login.defs, behind a comment sign
set -euo pipefail
sed -i 's/^PASS_/#PASS_/' /etc/login.defs
