#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: target
# why: systemctl isolate changes the target of now, not the one of the next boot.
set -euo pipefail
systemctl set-default graphical.target
systemctl isolate multi-user.target
