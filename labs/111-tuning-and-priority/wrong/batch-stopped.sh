#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: priority
# why: What does not run takes no processor time.
set -euo pipefail
systemctl disable --now "$LAB_BATCH.service"
