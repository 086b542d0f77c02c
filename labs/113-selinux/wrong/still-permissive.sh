#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: mode, site
# why: it worked before, so better not to touch the mode
set -euo pipefail

sed -i 's/^SELINUX=.*/SELINUX=permissive/' /etc/selinux/config
setenforce 0
