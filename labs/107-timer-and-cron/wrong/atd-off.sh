#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: once
# why: the job is queued, and nobody looked whether anything works the queue off
set -euo pipefail

systemctl disable --now atd.service
