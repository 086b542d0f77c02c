#!/usr/bin/env bash
# after: 02-commands.sh
# breaks: neighbour
# why: The old file looks like a draft of the new one.
set -euo pipefail
mv "/srv/$LAB_FOLDER/old" "/srv/$LAB_FOLDER/old.bak"
