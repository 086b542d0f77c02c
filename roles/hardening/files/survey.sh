# Prints as JSON what must be known before the ways into a host are changed, and what is still to
# do: one look from inside costs less than a module for each question. Changes nothing.
#
#   login     the user behind this connection
#   users     who could log in after the change
#   admins    who of them could then act as root
#   ports     where sshd listens
#   clock     whether this host may set the clock
#   packages  those of PACKAGES that are not installed
#   absent    those of PATHS that do not exist
#   idle      those of UNITS that do not run, or not after the next boot
#   firewall  whether firewalld runs
#   open      services and ports open in its default zone, now and at boot
#   half      services and ports open now or at boot, but not both
#
# In the environment: PACKAGES, PATHS, UNITS, ALLOW_USERS and ALLOW_GROUPS (by spaces),
# ROOT_LOGIN (as in sshd_config), PASSWORDS (yes or no).
# shellcheck shell=bash disable=SC2034,SC2153 # lists are printed by name; the environment is in capitals
set -u

effective() {  # user, keyword: the value that sshd uses for them
  /usr/sbin/sshd -T -C "user=$1,host=localhost,addr=127.0.0.1" 2>/dev/null |
    awk -v keyword="$2" '$1 == keyword { $1 = ""; print }'
}

has_key() {  # user, home
  local file
  for file in $(effective "$1" authorizedkeysfile); do
    file=${file//%h/$2}
    file=${file//%u/$1}
    [[ $file == /* ]] || file=$2/$file
    grep -qsE '^[^#]*(ssh-|ecdsa-|sk-)' "$file" && return 0
  done
  return 1
}

has_password() {  # user
  [[ $(getent shadow "$1" | cut -d: -f2) == \$* ]]
}

is_expired() {  # user
  local day
  day=$(getent shadow "$1" | cut -d: -f8)
  [[ -n $day ]] && ((day <= $(date +%s) / 86400))
}

is_allowed() {  # user
  local group
  [[ $1 == root && $ROOT_LOGIN != prohibit-password ]] && return 1
  [[ -z $ALLOW_USERS || " $ALLOW_USERS " == *" $1 "* ]] || return 1
  [[ -n $ALLOW_GROUPS ]] || return 0
  for group in $(id -nG "$1"); do
    [[ " $ALLOW_GROUPS " == *" $group "* ]] && return 0
  done
  return 1
}

becomes_root() {  # user
  [[ $(id -u "$1") == 0 ]] && return 0
  sudo -n -l -U "$1" /bin/sh >/dev/null 2>&1 || return 1
  has_password "$1" || sudo -n -l -U "$1" 2>/dev/null | grep -q NOPASSWD
}

as_json() {  # a JSON list of its arguments
  local list
  list=$(printf '"%s",' "$@")
  (($# == 0)) && list=
  printf '[%s]' "${list%,}"
}

login=${SUDO_USER:-root}
users=()
admins=()
# a directory service need not list its users, so the connecting one is asked for by name
while IFS=: read -r user _ _ _ _ home shell; do
  [[ $shell == */nologin || $shell == */false || $shell == */sync || $shell == */halt ||
    $shell == */shutdown ]] && continue
  [[ " ${users[*]-} " == *" $user "* ]] && continue
  is_allowed "$user" || continue
  is_expired "$user" && continue
  has_key "$user" "$home" ||
    { [[ $PASSWORDS == yes && $user != root ]] && has_password "$user"; } || continue
  users+=("$user")
  becomes_root "$user" && admins+=("$user")
done < <(getent passwd "$login"; getent passwd)

mapfile -t ports < <(effective root port | tr -d ' ')

capabilities=$(awk '$1 == "CapBnd:" { print $2 }' /proc/1/status)
clock=false
(((16#$capabilities >> 25) & 1)) && clock=true # CAP_SYS_TIME

packages=()
for package in $PACKAGES; do
  rpm --quiet -q --whatprovides "$package" || packages+=("$package")
done
absent=()
for path in $PATHS; do
  [[ -e $path ]] || absent+=("$path")
done
idle=()
for unit in $UNITS; do
  systemctl is-enabled --quiet "$unit" 2>/dev/null && systemctl is-active --quiet "$unit" ||
    idle+=("$unit")
done

list_open() { # option: services and ports of the default zone, one a line
  firewall-cmd "$@" --list-all 2>/dev/null |
    awk '$1 == "services:" || $1 == "ports:" { for (n = 2; n <= NF; n++) print $n }' | sort
}
firewall=false
open=()
half=()
if systemctl is-active --quiet firewalld; then
  firewall=true
  now=$(list_open)
  at_boot=$(list_open --permanent)
  mapfile -t open < <(comm -12 <(echo "$now") <(echo "$at_boot") | grep .)
  mapfile -t half < <(comm -3 <(echo "$now") <(echo "$at_boot") | tr -d '\t' | grep .)
fi

printf '{'
printf '"login": "%s", "clock": %s, "firewall": %s' "$login" "$clock" "$firewall"
for name in users admins ports packages absent idle open half; do
  declare -n values=$name
  printf ', "%s": %s' "$name" "$(as_json "${values[@]}")"
done
printf '}\n'
