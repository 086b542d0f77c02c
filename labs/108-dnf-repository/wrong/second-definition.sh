#!/usr/bin/env bash
# after: 02-commands.sh
# breaks: repositories
# why: dnf config-manager gave the repository an id of its own, and that first attempt was left behind
set -euo pipefail

dnf config-manager --add-repo "file:///srv/repos/$LAB_TEAM"
echo gpgcheck=0 >> "/etc/yum.repos.d/srv_repos_$LAB_TEAM.repo"
