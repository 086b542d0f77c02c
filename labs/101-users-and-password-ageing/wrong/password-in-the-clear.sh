#!/usr/bin/env bash
# fails: password
# after: 02-commands.sh
# why: usermod -p wants the hash; given the password, nobody can log in
set -euo pipefail
usermod -p "$LAB_PASSWORD" "$LAB_JOINER"
chage -d 0 "$LAB_JOINER"
