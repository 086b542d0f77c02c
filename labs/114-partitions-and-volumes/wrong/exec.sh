#!/usr/bin/env bash
# after: 02-commands.sh
# fails: second
# why: the option is in fstab; the file system was mounted before it was
set -euo pipefail

mount -o remount,exec "/srv/$LAB_SECOND"
