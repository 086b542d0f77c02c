#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: closed
# breaks: kit-units
# why: what does not run needs no closing
set -euo pipefail

firewall-cmd --permanent --add-port="$LAB_OLD/tcp"
firewall-cmd --reload
systemctl disable --now "$LAB_APP@$LAB_OLD.service"
