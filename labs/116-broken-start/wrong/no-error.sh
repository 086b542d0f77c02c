#!/usr/bin/env bash
# after: 02-commands.sh
# fails: report
# why: the first line of the program, which is no error
set -euo pipefail

journalctl -t "$LAB_APP-check" -o cat | sed -n "1s/.*code //p" > "/root/$LAB_APP-code"
