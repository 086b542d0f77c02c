#!/usr/bin/env bash
# Services and an address set of one's own; set up in force, kept afterwards.
set -euo pipefail

firewall-cmd --permanent --new-service="$LAB_APP"
firewall-cmd --permanent --service="$LAB_APP" --add-port="$LAB_PORT/tcp"
firewall-cmd --permanent --new-service="$LAB_APP-db"
firewall-cmd --permanent --service="$LAB_APP-db" --add-port="$LAB_DB/tcp"
firewall-cmd --permanent --new-ipset=database --type=hash:ip
firewall-cmd --permanent --ipset=database --add-entry="$(getent ahostsv4 peer | awk 'NR == 1 { print $1 }')"
firewall-cmd --reload
firewall-cmd --set-default-zone="$LAB_ZONE"
firewall-cmd --add-port=80/tcp
firewall-cmd --add-service="$LAB_APP"
firewall-cmd --remove-port="$LAB_OLD/tcp"
firewall-cmd --add-rich-rule="rule source ipset=database service name=$LAB_APP-db accept"
firewall-cmd --runtime-to-permanent
