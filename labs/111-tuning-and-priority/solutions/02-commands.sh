#!/usr/bin/env bash
# What somebody would type who finds the process first.
set -euo pipefail

systemctl enable --now tuned
tuned-adm profile "$LAB_PROFILE"

busiest=$(ps -eo comm,cputimes --no-headers --sort=-cputimes | awk 'NR == 1 { print $1 }')
if [[ $busiest != "$LAB_HOG" ]]; then # just started: by name, then
    busiest=$LAB_HOG
fi
echo "$busiest" >/root/busiest

unit=$(ps -o unit= -p "$(pgrep -xo "$busiest")")
systemctl disable --now "$unit"
rm "/etc/systemd/system/$unit"

# the other way to a nice value: the program that starts another one with it
sed -i "s|^ExecStart=|ExecStart=/usr/bin/nice -n $LAB_NICE |" "/etc/systemd/system/$LAB_BATCH.service"
systemctl daemon-reload
systemctl restart "$LAB_BATCH.service"

systemctl set-default multi-user.target
