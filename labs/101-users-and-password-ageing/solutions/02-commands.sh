#!/usr/bin/env bash
# The commands that the manual pages lead to.
set -euo pipefail

useradd -u "$LAB_UID" -s "$LAB_SHELL" -G "$LAB_TEAM" "$LAB_JOINER"
usermod -aG "$LAB_TEAM" "$LAB_TEMP"
echo "$LAB_JOINER:$LAB_PASSWORD" | chpasswd
chage -M "$LAB_MAX_DAYS" -m "$LAB_MIN_DAYS" -W "$LAB_WARN_DAYS" -d 0 "$LAB_JOINER"
chage -E "$LAB_UNTIL" "$LAB_TEMP"
usermod -L "$LAB_LEAVER"
useradd -r -s /sbin/nologin "$LAB_SERVICE"
sed -i -e "s/^PASS_MAX_DAYS.*/PASS_MAX_DAYS $LAB_NEW_MAX/" \
  -e "s/^PASS_WARN_AGE.*/PASS_WARN_AGE $LAB_NEW_WARN/" /etc/login.defs
