#!/usr/bin/env bash
# fails: inherit
# after: 02-commands.sh
# why: with group and rwx right everything looks shared until somebody makes a file
set -euo pipefail
chmod g-s "$LAB_SHARE_PATH" "$LAB_SHARE_PATH/$LAB_INNER"
