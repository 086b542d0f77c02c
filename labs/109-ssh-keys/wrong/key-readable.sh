#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: key_login, shortcut
# why: ssh ignores a private key that others may read
set -euo pipefail

chmod 0644 "/home/$LAB_USER/.ssh/id_ed25519"
