#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: ipv4
# why: An address is added to a profile whose method stays auto.
set -euo pipefail
nmcli connection modify apps ipv4.method auto ipv4.may-fail yes
nmcli --wait 2 connection up apps || ip -4 addr show >/dev/null
