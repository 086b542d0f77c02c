#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: web, app
# why: a zone for peer alone was added, and what peer needs besides the database forgotten
set -euo pipefail

peer=$(getent ahostsv4 peer | awk 'NR == 1 { print $1 }')
firewall-cmd --permanent --new-zone=neighbour
firewall-cmd --permanent --zone=neighbour --add-source="$peer"
firewall-cmd --permanent --zone=neighbour --add-port="$LAB_DB/tcp"
firewall-cmd --reload
