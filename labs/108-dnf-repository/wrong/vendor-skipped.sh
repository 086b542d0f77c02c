#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: vendor
# why: dnf was told to skip what it can not reach, and still asks for it each time
set -euo pipefail

dnf config-manager --save --setopt="$LAB_VENDOR.enabled=1" --setopt="$LAB_VENDOR.skip_if_unavailable=1"
