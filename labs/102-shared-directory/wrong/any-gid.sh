#!/usr/bin/env bash
# fails: group
# after: 02-commands.sh
# why: groupadd without -g takes the next number that is free
set -euo pipefail
groupmod -g $((LAB_GID + 1)) "$LAB_TEAM"
chgrp -R "$LAB_TEAM" "$LAB_SHARE_PATH" "/srv/$LAB_ARCHIVE"
usermod -g "$LAB_TEAM" "$LAB_LEAD"
find "$LAB_SHARE_PATH" -type d -exec chmod g+s {} +
