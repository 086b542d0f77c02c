#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: limited
# why: the whole network of peer in place of peer
set -euo pipefail

peer=$(getent ahostsv4 peer | awk 'NR == 1 { print $1 }')
firewall-cmd --permanent --remove-rich-rule="rule family=ipv4 source address=$peer port port=$LAB_DB protocol=tcp accept"
firewall-cmd --permanent --add-rich-rule="rule family=ipv4 source address=${peer%.*}.0/24 port port=$LAB_DB protocol=tcp accept"
firewall-cmd --reload
