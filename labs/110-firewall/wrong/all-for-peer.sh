#!/usr/bin/env bash
# fails: web, app, closed
# why: a zone for peer has all that was asked for; no other host sees anything of it
set -euo pipefail

peer=$(getent ahostsv4 peer | awk 'NR == 1 { print $1 }')
firewall-cmd --set-default-zone="$LAB_ZONE"
firewall-cmd --permanent --new-zone=neighbour
firewall-cmd --permanent --zone=neighbour --add-source="$peer"
for service in ssh http; do
  firewall-cmd --permanent --zone=neighbour --add-service="$service"
done
for port in "$LAB_PORT" "$LAB_DB"; do
  firewall-cmd --permanent --zone=neighbour --add-port="$port/tcp"
done
firewall-cmd --reload
