#!/usr/bin/env bash
# chgrp and chmod, and a file in profile.d that heeds who logs in.
set -euo pipefail

groupadd -g "$LAB_GID" "$LAB_TEAM"
usermod -aG "$LAB_TEAM" "$LAB_FIRST"
usermod -aG "$LAB_TEAM" "$LAB_SECOND"
usermod -g "$LAB_TEAM" "$LAB_LEAD"

chown -R ":$LAB_TEAM" "$LAB_SHARE_PATH"
if [ "$LAB_OTHERS" = nothing ]; then
  find "$LAB_SHARE_PATH" -type d -exec chmod 2770 {} +
  find "$LAB_SHARE_PATH" -type f -exec chmod 660 {} +
else
  find "$LAB_SHARE_PATH" -type d -exec chmod 2775 {} +
  find "$LAB_SHARE_PATH" -type f -exec chmod 664 {} +
fi

cat > /etc/profile.d/clerk.sh << EOF
if [ "\$(id -un)" = $LAB_CLERK ]; then
  umask $LAB_UMASK
fi
EOF

chgrp -R "$LAB_TEAM" "/srv/$LAB_ARCHIVE"
chmod 750 "/srv/$LAB_ARCHIVE"
chmod 440 "$LAB_REPORT_PATH"
