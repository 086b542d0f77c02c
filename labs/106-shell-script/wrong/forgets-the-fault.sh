#!/usr/bin/env bash
# fails: missing
# after: 02-find.sh
# why: the exit code is that of the last argument only
set -euo pipefail
sed -i 's/^    total+=number/    total+=number code=0/' "$LAB_PROGRAM"
