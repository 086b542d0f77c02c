#!/usr/bin/env bash
# fails: priority, installed
# why: a larger number is taken for a higher priority
set -euo pipefail

dnf config-manager --set-disabled "$LAB_VENDOR"
printf "%s\n" "[$LAB_TEAM]" "name=ours" "baseurl=file:///srv/repos/$LAB_TEAM" "gpgcheck=0" "priority=1$LAB_PRIORITY" > /etc/yum.repos.d/ours.repo
dnf -y install "$LAB_TOOL" tree "/srv/incoming/$LAB_ADDON-3.0-1.noarch.rpm"
dnf -y remove "$LAB_UNWANTED"
