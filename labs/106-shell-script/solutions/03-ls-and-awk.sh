#!/usr/bin/env bash
# A script with functions, ls and awk, which lies elsewhere and is linked.
set -euo pipefail

mkdir -p /opt/count
cat > /opt/count/count.sh << EOF
#!/usr/bin/env bash
fail() { echo "\$2" >&2; return \$1; }
[[ \$# -eq 0 ]] && { fail $LAB_USAGE_CODE "Usage: $LAB_NAME DIRECTORY..."; exit; }
count() { ls -lA "\$1" | awk '/^-/ && /\\.$LAB_SUFFIX\$/ { n++ } END { print n + 0 }'; }
result=0 all=()
for each; do
  test -d "\$each" || { fail $LAB_BAD_CODE "\$each is no directory"; result=\$?; continue; }
  n=\$(count "\$each")
  all+=("\$n")
  case \$((n > $LAB_LIMIT)) in
    1) echo "\$each \$(ls -ld "\$each" | awk '{ print \$3 }') \$n $LAB_LABEL" ;;
    0) echo "\$each \$(ls -ld "\$each" | awk '{ print \$3 }') \$n" ;;
  esac
done
sum=\$(IFS=+; echo "\$((\${all[*]:-0}))")
echo total \$sum
exit \$result
EOF
chmod 555 /opt/count/count.sh
ln -s /opt/count/count.sh "$LAB_PROGRAM"
