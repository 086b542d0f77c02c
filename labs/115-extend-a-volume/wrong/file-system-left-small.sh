#!/usr/bin/env bash
# fails: room, swap
# why: the volume has grown, and df still shows the old size
set -euo pipefail

vgextend "$LAB_GROUP" "$LAB_SPARE"
lvextend -L "${LAB_SIZE}M" "$LAB_GROUP/$LAB_DATA"
