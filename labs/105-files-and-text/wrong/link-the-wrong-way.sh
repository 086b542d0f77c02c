#!/usr/bin/env bash
# fails: links
# after: 02-commands.sh
# why: a relative target counts from where the link is, not from where one stands
set -euo pipefail
cd /srv
ln -sfn "$LAB_TREE" "$LAB_LINK_PATH"
