# Prints `firewalld runs`, and each service and port that is open in its default zone now and at
# boot, one a line; nothing where it doesn't run. Changes nothing.
# shellcheck shell=bash
systemctl is-active --quiet firewalld.service || exit 0
echo 'firewalld runs'

list_open() { # option
  firewall-cmd "$@" --list-all |
    awk '$1 == "services:" || $1 == "ports:" { for (n = 2; n <= NF; n++) print $n }' | sort
}
comm -12 <(list_open) <(list_open --permanent)
