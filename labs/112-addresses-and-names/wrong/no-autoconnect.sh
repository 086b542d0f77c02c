#!/usr/bin/env bash
# after: 01-playbook.yml
# loses: ipv4, ipv6, route
# why: The profile is up, so that it isn't brought up at boot stays unseen.
set -euo pipefail
nmcli connection modify apps connection.autoconnect no
