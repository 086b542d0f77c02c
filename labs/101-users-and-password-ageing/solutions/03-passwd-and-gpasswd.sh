#!/usr/bin/env bash
# Another way for each point: passwd, gpasswd, groupadd, files edited by hand.
set -euo pipefail

groupadd "$LAB_JOINER"
hash=$(openssl passwd -6 "$LAB_PASSWORD")
useradd --no-user-group --gid "$LAB_JOINER" --uid "$LAB_UID" --create-home --password "$hash" "$LAB_JOINER"
usermod --shell "$LAB_SHELL" "$LAB_JOINER"
gpasswd --add "$LAB_JOINER" "$LAB_TEAM"
gpasswd --add "$LAB_TEMP" "$LAB_TEAM"
passwd -x "$LAB_MAX_DAYS" -n "$LAB_MIN_DAYS" -w "$LAB_WARN_DAYS" "$LAB_JOINER"
passwd -e "$LAB_JOINER"
usermod --expiredate "$LAB_UNTIL" "$LAB_TEMP"
passwd -l "$LAB_LEAVER"
useradd --system --home-dir "/var/lib/$LAB_SERVICE" --shell /usr/sbin/nologin "$LAB_SERVICE"
sed -i '/^PASS_\(MAX_DAYS\|WARN_AGE\)/d' /etc/login.defs
printf 'PASS_MAX_DAYS %s\nPASS_WARN_AGE %s\n' "$LAB_NEW_MAX" "$LAB_NEW_WARN" >> /etc/login.defs
