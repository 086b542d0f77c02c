#!/usr/bin/env bash
# fails: locked
# after: 02-commands.sh
# why: with nologin as shell the login ends, but the password still opens other services
set -euo pipefail
usermod -U -s /sbin/nologin "$LAB_LEAVER"
