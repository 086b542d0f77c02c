#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: mode, boolean
# why: one permissive domain spares the search for the right boolean
set -euo pipefail

setsebool -P httpd_can_network_connect off
semanage permissive -a httpd_t
