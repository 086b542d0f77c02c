#!/usr/bin/env bash
# fails: group
# after: 02-commands.sh
# why: usermod -g for all three saves the set-GID bit, and takes their own groups away
set -euo pipefail
usermod -g "$LAB_TEAM" "$LAB_FIRST"
