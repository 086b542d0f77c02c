#!/usr/bin/env bash
# after: 02-commands.sh
# fails: no_password
# why: a Match line ends where the next one begins: this one is about someone else
set -euo pipefail

runuser -l "$LAB_USER" -c "ssh $LAB_ACCOUNT@peer sudo bash -s" << END
sed -i "s/^Match User .*/&\nMatch User nobody/" /etc/ssh/sshd_config
systemctl restart sshd
END
