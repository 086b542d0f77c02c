#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: once
# why: queued by root, so that it runs as root
set -euo pipefail

cd /
atrm "$(atq | cut -f1)"
echo "/usr/local/bin/$LAB_JOB-remind" | at 06:30 "$LAB_DATE"
