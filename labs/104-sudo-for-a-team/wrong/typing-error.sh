#!/usr/bin/env bash
# fails: asked, members, exact
# breaks: syntax
# after: 02-drop-in.sh
# why: written without visudo, a line with a slip is skipped and nobody is told
set -euo pipefail
sed -i "2s/ALL=/ALL /" /etc/sudoers.d/desk
