#!/usr/bin/env bash
# fails: locked
# breaks: handover
# after: 02-commands.sh
# why: who has left needs no account any more
set -euo pipefail
userdel -r "$LAB_LEAVER"
