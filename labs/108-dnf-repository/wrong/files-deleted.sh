#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: removed
# why: the programs were deleted, the package still is installed
set -euo pipefail

dnf -y install "$LAB_UNWANTED"
rpm -ql "$LAB_UNWANTED" | grep /bin/ | xargs rm
