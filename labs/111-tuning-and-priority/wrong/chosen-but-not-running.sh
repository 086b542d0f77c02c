#!/usr/bin/env bash
# after: 01-playbook.yml
# loses: profile
# why: The profile is set, so the daemon may start or not.
set -euo pipefail
systemctl disable tuned.service
