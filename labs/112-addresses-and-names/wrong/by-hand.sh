#!/usr/bin/env bash
# fails: hostname
# loses: ipv4, ipv6, route
# why: ip and hostname change what is in force, and that looks right.
set -euo pipefail
card=$(nmcli -g DEVICE,TYPE,STATE device | awk -F: '$2 == "ethernet" && $3 == "disconnected" { print $1 }')
ip link set "$card" up
ip addr add "$LAB_IPV4/24" dev "$card"
ip -6 addr add "$LAB_IPV6/64" dev "$card"
ip route add "$LAB_NETWORK" via "$LAB_GATEWAY" dev "$card"
hostname "$LAB_FQDN"
echo "$LAB_DATABASE $LAB_STORE.example.com" >>/etc/hosts
