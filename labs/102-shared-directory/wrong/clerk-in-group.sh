#!/usr/bin/env bash
# fails: group, others, report
# after: 02-commands.sh
# why: all four accounts of the task are taken into the group
set -euo pipefail
usermod -aG "$LAB_TEAM" "$LAB_CLERK"
