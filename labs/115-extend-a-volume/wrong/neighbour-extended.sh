#!/usr/bin/env bash
# after: 02-commands.sh
# breaks: other
# why: the first try extended the wrong volume, and nobody put that right
set -euo pipefail

lvextend -r -l +10 "$LAB_GROUP/$LAB_OTHER"
