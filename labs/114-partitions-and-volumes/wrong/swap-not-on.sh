#!/usr/bin/env bash
# after: 02-commands.sh
# fails: swap
# why: made and written down, but not yet used
set -euo pipefail

swapoff "${LAB_DISK}1"
