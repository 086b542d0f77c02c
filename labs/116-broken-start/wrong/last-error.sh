#!/usr/bin/env bash
# after: 02-commands.sh
# fails: report
# why: the last error in place of the first
set -euo pipefail

journalctl -t "$LAB_APP-check" -p err -o cat | sed -n "\$s/.*code //p" > "/root/$LAB_APP-code"
