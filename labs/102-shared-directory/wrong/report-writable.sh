#!/usr/bin/env bash
# fails: report
# after: 02-commands.sh
# why: the members get the directory as if it were theirs to work in
set -euo pipefail
chmod 770 "/srv/$LAB_ARCHIVE"
