#!/usr/bin/env bash
# after: 02-commands.sh
# fails: key_login, shortcut
# why: the server ignores keys in a home folder that others may write to
set -euo pipefail

runuser -l "$LAB_USER" -c "ssh $LAB_ACCOUNT@peer chmod 0777 ."
