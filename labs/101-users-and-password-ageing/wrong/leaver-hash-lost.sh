#!/usr/bin/env bash
# breaks: handover
# after: 02-commands.sh
# why: a password of ! locks as well, but the old one can't come back
set -euo pipefail
usermod -p '!' "$LAB_LEAVER"
