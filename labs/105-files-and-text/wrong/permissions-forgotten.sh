#!/usr/bin/env bash
# fails: restored
# after: 02-commands.sh
# why: cat puts the content back, and leaves the permissions of the spoilt file
set -euo pipefail
chmod 600 "/etc/$LAB_SERVICE/main.conf"
