#!/usr/bin/env bash
# fails: found
# after: 02-directory.sh
# why: -p with one level shows that level and all worse ones, and grep takes what it gets
set -euo pipefail
journalctl -q -b -u "$LAB_UNIT" -p debug -o cat | grep -o '[0-9]\{6\}' | sort -u > "$LAB_ANSWER_PATH"
