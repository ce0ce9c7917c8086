#!/usr/bin/env bash
# tensor-free.sh BUILD_FOLDER: no application is linked with LibTorch; only libservalLearning is.
set -euo pipefail
count=0
for program in "$1"/bin/serval "$1"/cli-modules/Serval*; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  if readelf -d "$program" | grep -E 'NEEDED.*\[lib(torch|c10)'; then
    echo "$program is linked with LibTorch"
    exit 1
  fi
  count=$((count + 1))
done
echo "$count programs are free of LibTorch"
[ "$count" -gt 1 ]
