#!/usr/bin/env bash
# The console's port stays in its zones: a rule denies it before they allow it. A service is made and never used.
set -euo pipefail

firewall-cmd --set-default-zone="$LAB_ZONE"
firewall-cmd --permanent --add-service=http
firewall-cmd --permanent --add-port="$LAB_PORT/tcp"
firewall-cmd --permanent --add-rich-rule="rule family=ipv4 port port=$LAB_OLD protocol=tcp reject"
firewall-cmd --permanent --add-rich-rule="rule family=ipv4 source address=$(getent ahostsv4 peer | awk 'NR == 1 { print $1 }') port port=$LAB_DB protocol=tcp accept"
firewall-cmd --reload
firewall-cmd --permanent --new-service="$LAB_APP"
