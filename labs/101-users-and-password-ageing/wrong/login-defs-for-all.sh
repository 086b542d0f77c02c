#!/usr/bin/env bash
# fails: ageing
# after: 02-commands.sh
# why: the limits are written to login.defs only, which an account that exists doesn't follow
set -euo pipefail
chage -M 99999 -m 0 -W 7 -d 0 "$LAB_JOINER"
