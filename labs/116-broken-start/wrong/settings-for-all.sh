#!/usr/bin/env bash
# after: 02-commands.sh
# fails: readable
# why: readable for the service, and for everybody else as well
set -euo pipefail

chmod 0644 "/etc/$LAB_APP/settings"
