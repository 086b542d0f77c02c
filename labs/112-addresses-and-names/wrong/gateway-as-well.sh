#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: route
# why: the router is the card's gateway too; the first card's default route only happens to come before it
set -euo pipefail
nmcli connection modify apps ipv4.gateway "$LAB_GATEWAY" ipv4.route-metric 900
nmcli connection up apps
