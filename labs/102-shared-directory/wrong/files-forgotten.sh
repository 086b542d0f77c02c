#!/usr/bin/env bash
# fails: existing
# after: 02-commands.sh
# why: chgrp without -R changes the directories only, and what is in them stays root's
set -euo pipefail
find "$LAB_SHARE_PATH" -type f -exec chgrp root {} +
