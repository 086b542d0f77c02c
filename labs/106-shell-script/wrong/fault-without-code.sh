#!/usr/bin/env bash
# fails: missing
# after: 02-find.sh
# why: the message is there, but the exit code says that all is well
set -euo pipefail
sed -i 's/    code=bad_code/    :/' "$LAB_PROGRAM"
