#!/usr/bin/env bash
# fails: several, missing
# after: 02-find.sh
# why: without the quotes a name with a space becomes two arguments
set -euo pipefail
# shellcheck disable=SC2016 # the text of the script
sed -i '0,/^if/s/^if/set -- $*\nif/' "$LAB_PROGRAM"
