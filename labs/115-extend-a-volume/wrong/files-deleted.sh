#!/usr/bin/env bash
# after: 02-commands.sh
# fails: room
# breaks: kit-data
# why: a few old files went to make room, and nobody asked for that
set -euo pipefail

rm -r "/srv/$LAB_DATA/2025/spring"
