#!/usr/bin/env bash
# after: 01-playbook.yml
# fails: repository, priority
# breaks: repositories
# why: config-manager makes up an id of its own
set -euo pipefail

rm "/etc/yum.repos.d/$LAB_TEAM.repo"
dnf config-manager --add-repo "file:///srv/repos/$LAB_TEAM"
dnf config-manager --save --setopt="srv_repos_$LAB_TEAM.gpgcheck=0" "srv_repos_$LAB_TEAM"
