#!/usr/bin/env bash
# after: 02-commands.sh
# loses: answers, running
# why: started, and not enabled
set -euo pipefail

systemctl disable "$LAB_APP.service"
