#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: hostname
# why: hostname NAME shows the new name in the next shell.
set -euo pipefail
hostnamectl set-hostname localhost.localdomain
hostname "$LAB_FQDN"
