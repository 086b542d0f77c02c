#!/usr/bin/env bash
# fails: report
# after: 02-commands.sh
# why: the file is right, but its directory still lets nobody through
set -euo pipefail
chmod 700 "/srv/$LAB_ARCHIVE"
