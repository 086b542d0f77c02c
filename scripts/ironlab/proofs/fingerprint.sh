#!/usr/bin/env bash
# Prints what a host is, one fact a line: SECTION, tab, NAME, tab, VALUE. Changes nothing.
# The arguments are find's words for the paths that are left out (see fingerprint.py).
set -euo pipefail
export LC_ALL=C
leave_out=("$@")
content=(/boot /etc /home /media /mnt /opt /root /srv /usr/local /var)

# SECTION: prefix each line of "NAME<tab>VALUE" on stdin
facts() { sed "s/^/$1\t/"; }
label=''
[[ ! -e /sys/fs/selinux/enforce ]] || label=' %Z'
there() { command -v "$1" >/dev/null; }

# Mode, owner, SELinux label and a link's target of everything; the content where it is not EL's own.
find / /usr -maxdepth 0 -printf "%p\t%M %U:%G$label\n" | facts path
find / -mindepth 1 -maxdepth 1 -printf '%p\t%y %U:%G %l\n' | facts path
find "${content[@]}" \( "${leave_out[@]}" \) -prune -o -printf "%p\t%M %U:%G$label %l\n" | facts path
find /usr -path /usr/local -prune -o -path /usr/share -prune -o -name __pycache__ -prune \
  -o -type f -printf "%p\t%M %U:%G$label %s\n" -o -printf "%p\t%M %U:%G$label %l\n" | facts path
find "${content[@]}" \( "${leave_out[@]}" \) -prune -o -type f -print0 |
  xargs --null --no-run-if-empty sha256sum | sed -E 's/^\\?([0-9a-f]{16})[0-9a-f]+  (.*)$/\2\t\1/' |
  facts content

rpm -qa --qf '%{NAME}.%{ARCH}\t%{VERSION}-%{RELEASE}\n' | facts package
systemctl list-unit-files --no-legend --plain --no-pager |
  awk '$2 != "transient" {print $1 "\t" $2}' | facts unit-file
# Sessions come and go by themselves, and so do programs that run once: of these the failed ones.
systemctl show --property=Id,Type,ActiveState,LoadState \
  --type=service,socket,timer,path,target,swap,automount '*' |
  awk -F= '
    NF {is[$1] = $2; next}
    {tell()}
    END {tell()}
    function tell() {
      if (is["LoadState"] != "not-found" && is["Id"] !~ /^(user@|user-runtime-dir@|session-|run-)/ &&
          (is["Type"] != "oneshot" || is["ActiveState"] == "failed"))
        print is["Id"] "\t" is["ActiveState"]
      delete is
    }' | sed '/^\t/d' | facts unit
getent passwd | sed 's/:/\t/' | facts user
getent group | sed 's/:/\t/' | facts group
findmnt --list --real --noheadings --output TARGET,SOURCE,FSTYPE,OPTIONS |
  awk '$2 !~ /^overlay|\[\/run\/containers\// && $1 !~ "^/(proc|sys|dev|run)(/|$)" {print $1 "\t" $2 " " $3 " " $4}' |
  facts mount
awk 'NR > 1 {print $1 "\t" $2 " " $3}' /proc/swaps | facts swap
lsblk --list --noheadings --output NAME,SIZE,FSTYPE,UUID,MOUNTPOINTS |
  awk '$1 !~ /^(loop|sr|zram)/ {name = $1; $1 = ""; print name "\t" $0}' | facts block-device
uname -n | sed 's/^/name\t/' | facts host
readlink /etc/localtime | sed 's/^/time zone\t/' | facts host
ip -oneline address show scope global | awk '{print $2 " " $3 "\t" $4}' | facts address
ip route show | sed 's/ metric.*//; s/$/\t/' | facts route

# What is permanent, of the firewall and of SELinux, is in files: compared above, and slow to ask for.
if there firewall-cmd && systemctl is-active --quiet firewalld; then
  firewall-cmd --list-all-zones |
    awk 'NF && !/^ / {zone = $1} /^ / && NF > 1 {
      key = $1; $1 = ""; print zone " " key "\t" $0}' | facts firewall
fi
if there getenforce; then
  getenforce | sed 's/^/mode\t/' | facts selinux
  if there getsebool && selinuxenabled; then getsebool -a | sed 's/ --> /\t/' | facts selinux; fi
fi
