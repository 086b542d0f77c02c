#!/usr/bin/env bash
# A script in bash that lets find count.
set -euo pipefail

cat > "$LAB_PROGRAM" << EOF
#!/bin/bash
suffix=$LAB_SUFFIX limit=$LAB_LIMIT label=$LAB_LABEL usage_code=$LAB_USAGE_CODE bad_code=$LAB_BAD_CODE
EOF
cat >> "$LAB_PROGRAM" << 'EOF'
if (($# < 1)); then
  echo "usage: ${0##*/} DIRECTORY..." >&2
  exit "$usage_code"
fi
declare -i total=0 code=0
while (($# > 0)); do
  if [[ -d $1 ]]; then
    owner=$(find "$1" -maxdepth 0 -printf '%u')
    number=$(find "$1" -mindepth 1 -maxdepth 1 -type f -name "*.$suffix" -printf 'x' | wc -c)
    mark=
    ((number > limit)) && mark=" $label"
    printf '%s %s %s%s\n' "$1" "$owner" "$number" "$mark"
    total+=number
  else
    printf '%s: no directory\n' "$1" >&2
    code=bad_code
  fi
  shift
done
printf 'total %d\n' "$total"
exit "$code"
EOF
chmod 755 "$LAB_PROGRAM"
