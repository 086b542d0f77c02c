#!/usr/bin/env bash
# fails: locked
# breaks: handover
# after: 02-commands.sh
# why: passwd -d takes the password away, which is no lock but an open door
set -euo pipefail
passwd -d "$LAB_LEAVER"
