#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: repository
# why: enabled for one command only
set -euo pipefail

dnf config-manager --set-disabled "$LAB_TEAM"
dnf -y --enablerepo="$LAB_TEAM" reinstall "$LAB_TOOL"
