#!/usr/bin/env bash
# fails: volume, swap
# why: + means so much more, not so much
set -euo pipefail

vgextend "$LAB_GROUP" "$LAB_SPARE"
lvextend -r -L "+${LAB_SIZE}M" "$LAB_GROUP/$LAB_DATA"
