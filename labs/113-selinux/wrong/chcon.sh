#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: rule
# why: chcon gives the label just as well
set -euo pipefail

semanage fcontext -d "/$LAB_FOLDER(/.*)?"
chcon -R -t httpd_sys_content_t "/$LAB_FOLDER"
