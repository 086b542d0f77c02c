#!/usr/bin/env bash
# after: 01-playbook.yml
# breaks: others
# why: no passwords at all was quicker to write
set -euo pipefail

runuser -l "$LAB_USER" -c "ssh $LAB_ACCOUNT@peer sudo bash -s" << END
printf "%s\n" "PermitRootLogin no" "PasswordAuthentication no" > /etc/ssh/sshd_config.d/00-logins.conf
systemctl restart sshd
END
