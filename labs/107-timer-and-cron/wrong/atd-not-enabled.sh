#!/usr/bin/env bash
# after: 01-playbook.yml
# loses: once
# why: the job is in the queue, but nothing starts atd at boot
set -euo pipefail

systemctl disable atd.service
