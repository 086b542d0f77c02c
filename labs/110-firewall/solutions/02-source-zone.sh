#!/usr/bin/env bash
# A zone of peer's own; all that peer may reach has to be open in it.
set -euo pipefail

peer=$(getent ahostsv4 peer | awk 'NR == 1 { print $1 }')
firewall-cmd --set-default-zone="$LAB_ZONE"
firewall-cmd --permanent --add-service=http
firewall-cmd --permanent --add-port="$LAB_PORT/tcp"
firewall-cmd --permanent --remove-port="$LAB_OLD/tcp"
firewall-cmd --permanent --new-zone=neighbour
firewall-cmd --permanent --zone=neighbour --add-source="$peer"
for service in ssh http; do
  firewall-cmd --permanent --zone=neighbour --add-service="$service"
done
for port in "$LAB_PORT" "$LAB_DB"; do
  firewall-cmd --permanent --zone=neighbour --add-port="$port/tcp"
done
firewall-cmd --reload
