#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: no_root
# why: without a password root still gets in by key
set -euo pipefail

runuser -l "$LAB_USER" -c "ssh $LAB_ACCOUNT@peer sudo bash -s" << END
sed -i "s/^PermitRootLogin.*/PermitRootLogin prohibit-password/" /etc/ssh/sshd_config.d/00-logins.conf
systemctl restart sshd
END
