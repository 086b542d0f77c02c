#!/usr/bin/env bash
# fails: output
# after: 02-commands.sh
# why: &> sends both streams into the first file
set -euo pipefail
"$LAB_PROGRAM" &> "$LAB_OUTPUT_PATH"
