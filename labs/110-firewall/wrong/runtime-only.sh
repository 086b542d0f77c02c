#!/usr/bin/env bash
# loses: web, app, closed, limited
# why: in force only, gone with the next start
set -euo pipefail

peer=$(getent ahostsv4 peer | awk 'NR == 1 { print $1 }')
firewall-cmd --set-default-zone="$LAB_ZONE"
firewall-cmd --add-service=http
firewall-cmd --add-port="$LAB_PORT/tcp"
firewall-cmd --remove-port="$LAB_OLD/tcp"
firewall-cmd --add-rich-rule="rule family=ipv4 source address=$peer port port=$LAB_DB protocol=tcp accept"
