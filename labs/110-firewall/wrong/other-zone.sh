#!/usr/bin/env bash
# fails: web, app, limited
# why: opened in the zone that was the default before, the default zone changed afterwards
set -euo pipefail

peer=$(getent ahostsv4 peer | awk 'NR == 1 { print $1 }')
firewall-cmd --permanent --zone=public --add-service=http
firewall-cmd --permanent --zone=public --add-port="$LAB_PORT/tcp"
firewall-cmd --permanent --zone=public --add-rich-rule="rule family=ipv4 source address=$peer port port=$LAB_DB protocol=tcp accept"
firewall-cmd --permanent --zone="$LAB_ZONE" --remove-port="$LAB_OLD/tcp"
firewall-cmd --permanent --zone=public --remove-port="$LAB_OLD/tcp"
firewall-cmd --reload
firewall-cmd --set-default-zone="$LAB_ZONE"
