#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: ipv4
# why: Without a prefix nmcli takes 32 bits, and a ping to oneself still works.
set -euo pipefail
nmcli connection modify apps ipv4.addresses "$LAB_IPV4" +ipv4.routes "192.0.2.0/24"
nmcli connection up apps
