#!/usr/bin/env bash
# As a learner types it on box; askpass answers in the learner's place.
set -euo pipefail

as_user() {
  runuser -l "$LAB_USER" -c "$1"
}

answer=$(as_user mktemp)
printf '#!/bin/sh\necho %s\n' "$LAB_PASSWORD" > "$answer"
chmod 0700 "$answer"
as_user "ssh-keygen -q -t rsa -b 3072 -N '' -f ~/.ssh/id_rsa"
as_user "SSH_ASKPASS=$answer SSH_ASKPASS_REQUIRE=force ssh-copy-id -o StrictHostKeyChecking=accept-new $LAB_ACCOUNT@peer"
rm "$answer"

printf 'Host %s\n  HostName peer\n  User %s\n' "$LAB_SHORTCUT" "$LAB_ACCOUNT" > "/etc/ssh/ssh_config.d/10-$LAB_SHORTCUT.conf"

as_user "echo 'put -p /srv/$LAB_FOLDER/$LAB_FILE.tar' | sftp -q -b - $LAB_SHORTCUT"
as_user "ssh $LAB_SHORTCUT sudo bash -s" << END
rm /etc/ssh/sshd_config.d/10-first-login.conf
printf '%s\n' '' 'DenyUsers root' 'Match User $LAB_ACCOUNT' '  AuthenticationMethods publickey' >> /etc/ssh/sshd_config
sshd -t
systemctl restart sshd
END
