#!/usr/bin/env bash
# fails: service
# after: 02-commands.sh
# why: an account without home and login, but with a uid from the range of people
set -euo pipefail
userdel "$LAB_SERVICE"
useradd -M -s /sbin/nologin "$LAB_SERVICE"
