#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: repository
# why: the folder above has no metadata
set -euo pipefail

sed -i "s,^baseurl.*,baseurl = file:///srv/repos," "/etc/yum.repos.d/$LAB_TEAM.repo"
dnf clean all
