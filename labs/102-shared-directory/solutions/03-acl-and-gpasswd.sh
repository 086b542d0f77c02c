#!/usr/bin/env bash
# Another way for each point: gpasswd, symbolic modes, an access list for the report, .bashrc.
set -euo pipefail

groupadd "$LAB_TEAM"
groupmod -g "$LAB_GID" "$LAB_TEAM"
gpasswd -M "$LAB_FIRST,$LAB_SECOND" "$LAB_TEAM"
usermod --gid "$LAB_GID" "$LAB_LEAD"

chown -R "$LAB_LEAD:$LAB_TEAM" "$LAB_SHARE_PATH"
chmod -R ug=rwX,o= "$LAB_SHARE_PATH"
if [ "$LAB_OTHERS" = reading ]; then
  chmod -R o+rX "$LAB_SHARE_PATH"
fi
chmod g+s "$LAB_SHARE_PATH" "$LAB_SHARE_PATH/$LAB_INNER"

echo "umask u=rwx,g=$(case $LAB_UMASK in 007) echo rwx ;; 027) echo rx ;; esac),o=" \
  >> "/home/$LAB_CLERK/.bashrc"

setfacl -m "g:$LAB_TEAM:x" "/srv/$LAB_ARCHIVE"
setfacl -m "g:$LAB_TEAM:r" "$LAB_REPORT_PATH"
