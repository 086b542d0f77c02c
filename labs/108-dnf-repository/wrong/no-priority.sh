#!/usr/bin/env bash
# fails: priority, installed
# why: with no priority the newest version wins, and that is the other tree
set -euo pipefail

dnf config-manager --set-disabled "$LAB_VENDOR"
printf "%s\n" "[$LAB_TEAM]" "name=ours" "baseurl=file:///srv/repos/$LAB_TEAM" "gpgcheck=0" > /etc/yum.repos.d/ours.repo
dnf -y install "$LAB_TOOL" tree "/srv/incoming/$LAB_ADDON-3.0-1.noarch.rpm"
dnf -y remove "$LAB_UNWANTED"
