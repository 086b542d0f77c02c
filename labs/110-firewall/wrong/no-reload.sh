#!/usr/bin/env bash
# fails: app, limited
# why: written down, and never put in force
set -euo pipefail

peer=$(getent ahostsv4 peer | awk 'NR == 1 { print $1 }')
firewall-cmd --set-default-zone="$LAB_ZONE"
firewall-cmd --add-service=http
firewall-cmd --permanent --add-service=http
firewall-cmd --remove-port="$LAB_OLD/tcp"
firewall-cmd --permanent --remove-port="$LAB_OLD/tcp"
firewall-cmd --permanent --add-port="$LAB_PORT/tcp"
firewall-cmd --permanent --add-rich-rule="rule family=ipv4 source address=$peer port port=$LAB_DB protocol=tcp accept"
