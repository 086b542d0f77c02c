#!/usr/bin/env bash
# One transaction of semanage for the policy, then the mode.
set -euo pipefail

semanage import << END
boolean -m -1 httpd_can_network_connect
port -a -t http_port_t -p tcp $LAB_PORT
fcontext -a -f a -t httpd_sys_content_t '/$LAB_FOLDER(/.*)?'
END
restorecon -RF "/$LAB_FOLDER"
sed -i 's/^SELINUX=.*/SELINUX=enforcing/' /etc/selinux/config
setenforce 1
systemctl restart nginx
