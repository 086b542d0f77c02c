#!/usr/bin/env bash
# fails: runs
# after: 02-find.sh
# why: chmod 777 makes it run, and lets anybody change what others run
set -euo pipefail
chmod 777 "$LAB_PROGRAM"
