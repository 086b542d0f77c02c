#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: transfer
# why: written by sudo, the copy belongs to root
set -euo pipefail

runuser -l "$LAB_USER" -c "ssh $LAB_ACCOUNT@peer sudo chown root:root $LAB_FILE.tar"
