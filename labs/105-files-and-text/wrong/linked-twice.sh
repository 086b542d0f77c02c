#!/usr/bin/env bash
# breaks: tree
# after: 02-commands.sh
# why: the second ln -s follows the first one's link, and makes one in the directory
set -euo pipefail

ln -s "$LAB_TREE_PATH" "$LAB_LINK_PATH"
