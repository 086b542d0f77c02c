#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: closed, limited
# why: everything is trusted, so everything works
set -euo pipefail

firewall-cmd --permanent --zone="$LAB_ZONE" --set-target=ACCEPT
firewall-cmd --reload
