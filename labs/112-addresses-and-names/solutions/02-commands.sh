#!/usr/bin/env bash
set -euo pipefail

card=$(nmcli -g DEVICE,TYPE,STATE device | awk -F: '$2 == "ethernet" && $3 == "disconnected" { print $1 }')

# a profile as a file, as somebody does it who likes files
cat >/etc/NetworkManager/system-connections/second.nmconnection <<END
[connection]
id=second
type=ethernet
interface-name=$card

[ipv4]
method=manual
address1=$LAB_IPV4/24
route1=$LAB_NETWORK,$LAB_GATEWAY

[ipv6]
method=manual
address1=$LAB_IPV6/64
END
chmod 600 /etc/NetworkManager/system-connections/second.nmconnection
nmcli connection reload
nmcli connection up second

hostnamectl set-hostname "$LAB_FQDN"
echo "$LAB_DATABASE $LAB_STORE.example.com" >>/etc/hosts
