#!/usr/bin/env bash
# fails: inherit
# after: 02-commands.sh
# why: the bit is inherited by new directories, and not by those that are there
set -euo pipefail
chmod g-s "$LAB_SHARE_PATH/$LAB_INNER"
