#!/usr/bin/env bash
# fails: report
# after: 02-commands.sh
# why: the report can be read, by everybody
set -euo pipefail
chmod 755 "/srv/$LAB_ARCHIVE"
chmod 644 "$LAB_REPORT_PATH"
