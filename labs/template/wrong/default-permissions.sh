#!/usr/bin/env bash
# fails: mode
# why: A new file has the permissions that the umask leaves.
set -euo pipefail
echo "$LAB_WORD" >"$LAB_NOTE"
