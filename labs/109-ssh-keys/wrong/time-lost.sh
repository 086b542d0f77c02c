#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: transfer
# why: without -p the copy has the time of the copying
set -euo pipefail

runuser -l "$LAB_USER" -c "scp /srv/$LAB_FOLDER/$LAB_FILE.tar $LAB_ACCOUNT@peer:"
runuser -l "$LAB_USER" -c "ssh $LAB_ACCOUNT@peer touch $LAB_FILE.tar"
