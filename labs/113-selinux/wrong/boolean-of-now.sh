#!/usr/bin/env bash
# after: 01-playbook.yml
# loses: boolean, site
# why: setsebool without -P shows at once that it helps
set -euo pipefail

setsebool -P httpd_can_network_connect off
setsebool httpd_can_network_connect on
