#!/usr/bin/env bash
# fails: groups
# after: 02-commands.sh
# why: usermod -g instead of -G makes the team the primary group
set -euo pipefail
usermod -g "$LAB_TEAM" "$LAB_JOINER"
