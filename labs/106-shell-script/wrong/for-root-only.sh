#!/usr/bin/env bash
# fails: runs, counts, owner, mark, several, missing, usage
# after: 02-find.sh
# why: tried as root only, with a mode that lets nobody else read it
set -euo pipefail
chmod 700 "$LAB_PROGRAM"
