#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: no_root
# why: of two PermitRootLogin the first one counts, and this file comes after the other
set -euo pipefail

runuser -l "$LAB_USER" -c "ssh $LAB_ACCOUNT@peer sudo bash -s" << END
mv /etc/ssh/sshd_config.d/00-logins.conf /etc/ssh/sshd_config.d/90-logins.conf
systemctl restart sshd
END
