#!/usr/bin/env bash
# fails: output
# after: 02-commands.sh
# why: 2> begins the file anew
set -euo pipefail
"$LAB_PROGRAM" > "$LAB_OUTPUT_PATH" 2> "$LAB_ERRORS_PATH"
