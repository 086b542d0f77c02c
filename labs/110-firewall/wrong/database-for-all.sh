#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: limited
# why: with the port open as well, the rich rule limits nothing
set -euo pipefail

firewall-cmd --permanent --add-port="$LAB_DB/tcp"
firewall-cmd --reload
