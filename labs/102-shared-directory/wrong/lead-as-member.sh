#!/usr/bin/env bash
# fails: primary
# after: 02-commands.sh
# why: membership is not the primary group
set -euo pipefail
usermod -g "$LAB_LEAD" -aG "$LAB_TEAM" "$LAB_LEAD"
