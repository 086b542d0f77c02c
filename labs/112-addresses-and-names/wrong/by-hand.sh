#!/usr/bin/env bash
# fails: ipv4, ipv6
# loses: route, hostname
# why: ip and hostname change what is in force, and that looks right.
set -euo pipefail
first=$(ip -4 route show default | sed 's/.* dev \([^ ]*\).*/\1/')
card=$(nmcli -g DEVICE,TYPE device | awk -F: -v first="$first" '$2 == "ethernet" && $1 != first { print $1 }')
ip link set "$card" up
ip addr add "$LAB_IPV4/24" dev "$card"
ip -6 addr add "$LAB_IPV6/64" dev "$card"
ip route add "$LAB_NETWORK" via "$LAB_GATEWAY" dev "$card"
hostname "$LAB_FQDN"
echo "$LAB_DATABASE $LAB_STORE.example.com" >>/etc/hosts
