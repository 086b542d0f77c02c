# check-sshd.sh CANDIDATE: would sshd start with this drop-in among the others, and heed it?
# shellcheck shell=bash
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -a /etc/ssh/sshd_config.d "$work/"
install -m 0600 "$1" "$work/sshd_config.d/00-ironlab.conf"
sed "s|^\(\s*Include\s\+\)/etc/ssh/sshd_config.d/|\1$work/sshd_config.d/|I" \
  /etc/ssh/sshd_config >"$work/sshd_config"

/usr/sbin/sshd -t -f "$work/sshd_config" || exit 1
/usr/sbin/sshd -T -f "$work/sshd_config" -C user=root,host=localhost,addr=127.0.0.1 >"$work/effective"

# the first value that sshd reads wins: one in another file may come before this drop-in's
for keyword in PasswordAuthentication KbdInteractiveAuthentication X11Forwarding MaxAuthTries; do
  wanted=$(grep -i "^$keyword " "$1" | tr '[:upper:]' '[:lower:]')
  if ! grep -qx "$wanted" "$work/effective"; then
    echo "sshd would not use '$wanted' but '$(grep -i "^$keyword " "$work/effective")':" \
      "look for a file that comes before 00-ironlab.conf in /etc/ssh/sshd_config.d, and for the" \
      "Include line at the top of /etc/ssh/sshd_config" >&2
    exit 1
  fi
done
