#!/usr/bin/env bash
# fails: reader
# after: 01-modules.yml
# why: the account is in the group, but nobody tried whether the group may read the new files
set -euo pipefail
setfacl -R -b /var/log/journal
chgrp -R root /var/log/journal
