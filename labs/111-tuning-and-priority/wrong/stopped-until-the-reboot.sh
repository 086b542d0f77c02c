#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: stopped
# why: Stopped is stopped; that its unit starts it again at the next boot goes unnoticed.
set -euo pipefail
systemctl enable "$LAB_FEED.service"
