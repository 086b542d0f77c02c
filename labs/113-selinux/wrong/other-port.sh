#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: port, site
# breaks: kit-ports, kit-data
# why: a port that the policy knows already needs no label
set -euo pipefail

semanage port -d -p tcp "$LAB_PORT"
sed -i "s/listen $LAB_PORT/listen 8008/" /etc/nginx/conf.d/site.conf
systemctl restart nginx
