#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: vendor
# why: the file was deleted in place of disabling what is in it
set -euo pipefail

rm "/etc/yum.repos.d/$LAB_VENDOR.repo"
