# check-settings.sh NAME CANDIDATE: does a server start on the package's configuration with these
# settings? Neither Redis nor Valkey has a checker, so a second server is started on them, apart
# from the first: no port, a socket and data of its own, and it ends here.
# shellcheck shell=bash
set -u
name=$1
candidate=$2
work=$(mktemp -d)
server=
trap '[[ -z $server ]] || { kill "$server"; wait "$server"; } 2>/dev/null; rm -rf "$work"' EXIT

{
  grep -v "^include /etc/$name/ironlab.conf" "/etc/$name/$name.conf"
  cat "$candidate"
  printf '%s\n' 'port 0' "unixsocket $work/socket" "dir $work" 'pidfile ""' 'logfile ""' \
    'daemonize no' 'supervised no' 'save ""' 'appendonly no'
} >"$work/conf"

"/usr/bin/$name-server" "$work/conf" >"$work/log" 2>&1 &
server=$!
for _ in {1..100}; do
  if [[ -n $("/usr/bin/$name-cli" -s "$work/socket" ping 2>/dev/null) ]]; then
    exit 0 # it answers, if only that it wants a password
  fi
  kill -0 "$server" 2>/dev/null || break
  sleep 0.05
done
# the line that was refused may hold a password: it is left out
grep -v '^>>>' "$work/log" | tail -n 5 >&2
exit 1
