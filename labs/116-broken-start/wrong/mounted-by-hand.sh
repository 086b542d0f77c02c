#!/usr/bin/env bash
# after: 01-playbook.yml
# loses: mounted, answers
# why: mounted by hand; the line in fstab still has its mistake
set -euo pipefail

sed -i "s,^LABEL=$LAB_FOLDER ,LABEL=$LAB_FOLDER-1 ," /etc/fstab
sed -i "s,^RequiresMountsFor.*,," "/etc/systemd/system/$LAB_APP.service"
