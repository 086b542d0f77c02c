#!/usr/bin/env bash
# after: 01-playbook.yml
# loses: answers, running
# why: started, and not enabled
set -euo pipefail

systemctl disable "$LAB_APP.service"
