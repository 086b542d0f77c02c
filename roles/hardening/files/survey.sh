# Prints as JSON what must be known before the ways into a host are changed. Changes nothing.
#
#   login   the user behind this connection
#   users   who could log in after the change
#   admins  who of them could then act as root
#   ports   where sshd listens
#   clock   whether this host may set the clock
#   chrony  whether the package's chrony.conf was already put aside
#
# In the environment: ALLOW_USERS and ALLOW_GROUPS (names, by spaces), ROOT_LOGIN (as in
# sshd_config), PASSWORDS (yes or no), CHRONY_ORIGINAL (a path).
# shellcheck shell=bash
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
chrony=false
[[ -e $CHRONY_ORIGINAL ]] && chrony=true

printf '{"login": "%s", "users": %s, "admins": %s, "ports": %s, "clock": %s, "chrony": %s}\n' \
  "$login" "$(as_json "${users[@]}")" "$(as_json "${admins[@]}")" "$(as_json "${ports[@]}")" \
  "$clock" "$chrony"
