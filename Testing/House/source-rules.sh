#!/usr/bin/env bash
# source-rules.sh ROOT: rules that are seen in the sources. All violations are listed.
set -euo pipefail
cd "$1"
found=0
report() {
  echo "$*"
  found=1
}

sources() { find "$@" -type f \( -name '*.cxx' -o -name '*.h' -o -name '*.hxx' -o -name '*.txx' \) 2>/dev/null | LC_ALL=C sort; }

# check_length LIMIT FOLDER...
check_length() {
  local limit="$1" file lines
  shift
  while read -r file; do
    lines="$(wc -l <"$file")"
    [ "$lines" -le "$limit" ] || report "$file has $lines lines; at most $limit"
  done < <(sources "$@")
}
check_length 500 Modules Testing Wrapping
check_length 150 Applications

while IFS=: read -r file line _; do
  report "$file:$line: a note of unfinished work"
done < <(sources Modules Applications Testing Wrapping | xargs -r -d '\n' grep -nE '\b(TODO|FIXME|XXX)\b' /dev/null || true)

for module in Modules/*/; do
  includes="$(sources "$module" | xargs -r -d '\n' grep -hE '^ *# *include' || true)"
  if grep -qE '[<"](itk|gdcm)' <<<"$includes" && grep -qE '[<"](torch|ATen|c10)/' <<<"$includes"; then
    report "${module%/} includes both ITK and LibTorch"
  fi
done
exit "$found"
