#!/usr/bin/env bash
# fails: account, groups, password, ageing, expiry, locked, service, defaults
# why: chage sets everybody's password age today; who comes tomorrow is not in its list
set -euo pipefail
while IFS=: read -r name _ uid _; do
  if ((uid >= 1000 && uid < 60000)); then
    chage -M "$LAB_NEW_MAX" -W "$LAB_NEW_WARN" "$name"
  fi
done < /etc/passwd
