#!/usr/bin/env bash
# fails: reader
# after: 02-directory.sh
# why: opening the files to everybody lets in the one who is meant, and all others
set -euo pipefail
chmod -R o+rX /var/log/journal
