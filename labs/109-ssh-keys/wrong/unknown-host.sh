#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: key_login, shortcut
# why: the key works, but nobody ever said yes to the host key
set -euo pipefail

rm /etc/ssh/ssh_known_hosts
