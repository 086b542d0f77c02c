#!/usr/bin/env bash
# fails: groups
# after: 02-commands.sh
# why: usermod -G without -a looks like "add to this group" and throws out of all others
set -euo pipefail
usermod -G "$LAB_TEAM" "$LAB_TEMP"
