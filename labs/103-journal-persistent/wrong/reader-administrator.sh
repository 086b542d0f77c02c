#!/usr/bin/env bash
# fails: reader
# after: 02-directory.sh
# why: an administrator can read everything, and a lot more
set -euo pipefail
usermod -aG wheel "$LAB_READER"
