#!/usr/bin/env bash
# What the host itself says is used for all of it.
set -euo pipefail

sed -i "\,[[:space:]]/srv/${LAB_FOLDER}[[:space:]],d" /etc/fstab
echo "UUID=$(blkid -s UUID -o value /dev/vdb) /srv/$LAB_FOLDER auto nofail 0 2" >> /etc/fstab

chown "$LAB_APP" "/etc/$LAB_APP/settings"
chmod 0400 "/etc/$LAB_APP/settings"

mkdir -p "/etc/systemd/system/$LAB_APP.service.d"
cat > "/etc/systemd/system/$LAB_APP.service.d/mend.conf" << END
[Service]
User=$LAB_APP
WorkingDirectory=/
ExecStart=
ExecStart=/usr/local/libexec/$LAB_APP-server /srv/$LAB_FOLDER
END
systemctl daemon-reload
mount -a
systemctl enable --now "$LAB_APP.service"

journalctl -t "$LAB_APP-check" -p err -o cat | sed -n '1s/.*code //p' > "/root/$LAB_APP-code"
