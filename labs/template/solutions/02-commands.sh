#!/usr/bin/env bash
set -euo pipefail
echo "$LAB_WORD" >"$LAB_NOTE"
chmod "$LAB_MODE" "$LAB_NOTE"
