#!/usr/bin/env bash
# The file by hand, with spaces; everything in one transaction; rpm where it will do.
set -euo pipefail

dnf config-manager --set-disabled "$LAB_VENDOR"
cat > /etc/yum.repos.d/local.repo << END
[$LAB_TEAM]
name     = Our own packages
baseurl  = file:///srv/repos/$LAB_TEAM/
gpgcheck = no
priority = $LAB_PRIORITY
END
dnf -y install "$LAB_TOOL" tree-1.9.0 "/srv/incoming/$LAB_ADDON-3.0-1.noarch.rpm"
rpm -e "$LAB_UNWANTED"
