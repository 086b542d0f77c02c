#!/usr/bin/env bash
# after: 02-commands.sh
# loses: mounted, answers
# why: mounted by hand; the line in fstab still has its mistake
set -euo pipefail

sed -i "s,^UUID=[^ ]* /srv/$LAB_FOLDER auto nofail,LABEL=$LAB_FOLDER-1 /srv/$LAB_FOLDER auto nofail\,x-systemd.device-timeout=5s," /etc/fstab
