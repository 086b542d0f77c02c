#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: content, site
# why: the rule is there, so the files have the label
set -euo pipefail

chcon -R -t default_t "/$LAB_FOLDER"
