#!/usr/bin/env bash
# fails: exact
# after: 02-drop-in.sh
# why: wheel is the quick way to make sudo work, and it is everything
set -euo pipefail
usermod -aG wheel "$LAB_FIRST"
