#!/usr/bin/env bash
# fails: owner, several
# after: 02-find.sh
# why: whoami is who runs the script, not whom the directory belongs to
set -euo pipefail
# shellcheck disable=SC2016 # the text of the script
sed -i 's/owner=.*/owner=$(whoami)/' "$LAB_PROGRAM"
