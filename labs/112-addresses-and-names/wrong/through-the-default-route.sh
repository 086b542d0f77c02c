#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: route
# why: The router is entered as the gateway of the card: with the default route of the first card, it is never asked.
set -euo pipefail
nmcli connection modify apps ipv4.routes "" ipv4.gateway "$LAB_GATEWAY" ipv4.route-metric 900
nmcli connection up apps
