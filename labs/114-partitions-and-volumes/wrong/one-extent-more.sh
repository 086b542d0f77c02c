#!/usr/bin/env bash
# after: 02-commands.sh
# fails: first
# why: one extent more than asked for, to be on the safe side
set -euo pipefail

lvextend -r -l +1 "$LAB_GROUP/$LAB_FIRST"
