#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: key_login, shortcut
# why: a key with a passphrase asks for it at each login
set -euo pipefail

runuser -l "$LAB_USER" -c "ssh-keygen -q -p -P \"\" -N sesame -f ~/.ssh/id_ed25519"
