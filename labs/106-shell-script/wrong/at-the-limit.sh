#!/usr/bin/env bash
# fails: mark
# after: 02-find.sh
# why: greater than is not greater or equal
set -euo pipefail
sed -i 's/number > limit/number >= limit/' "$LAB_PROGRAM"
