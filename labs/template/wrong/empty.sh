#!/usr/bin/env bash
# fails: content
# why: touch makes a file, and a file was asked for.
set -euo pipefail
touch "$LAB_NOTE"
chmod "$LAB_MODE" "$LAB_NOTE"
