#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: key_login, shortcut
# why: the key was made by root for root
set -euo pipefail

install -d -m 0700 /root/.ssh
mv "/home/$LAB_USER/.ssh/id_ed25519" "/home/$LAB_USER/.ssh/id_ed25519.pub" /root/.ssh/
