#!/usr/bin/env bash
# Checks every study file of Protocols/ and runs each at smoke scale, one after another:
#   Utilities/protocols.sh [--check] [--table FILE] [NAME...]
# --check: only check, in seconds. --table: the Markdown table of what ran. SERVAL_JOBS: cells at a time (2).
# Prints name, cells, seconds (of the clock, and of the processors) and the outcome; ends with 1 when a protocol failed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/usage.sh"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
serval="${SERVAL:-$root/build/release/bin/serval}"
jobs="${SERVAL_JOBS:-2}"
only_check=0 table= names=()
while [ $# -gt 0 ]; do
  case "$1" in
    --check) only_check=1 ;;
    --table) table="$2"; shift ;;
    -*) serval_usage "$1" ;;
    *) names+=("$1") ;;
  esac
  shift
done
[ -x "$serval" ] || { echo "protocols.sh: '$serval' is not there; run Utilities/demo.sh once, or name it in SERVAL" >&2; exit 4; }
if [ ${#names[@]} -eq 0 ]; then
  for file in "$root"/Protocols/*.toml; do names+=("$(basename "$file" .toml)"); done
fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
failed=0
line() {
  printf '%-28s %6s cells %6s s %6s s of processors  %s\n' "$1" "$2" "$3" "$4" "$5"
  [ -z "$table" ] || echo "| \`$1\` | $2 | $3 | $4 | $5 |" >> "$work/table"
}
# try NAME COMMAND...: runs the command into NAME.log, sets wall, used and outcome.
try() {
  local name="$1" TIMEFORMAT='%R %U %S' code=0
  shift
  { time "$@" > "$work/$name.log" 2>&1 || code=$?; } 2> "$work/time"
  read -r wall used < <(awk '{ printf "%.0f %.0f\n", $1, $2 + $3 }' "$work/time")
  [ "$code" -eq 0 ] && outcome=ok || outcome="failed ($code)"
}
for name in "${names[@]}"; do
  file="$root/Protocols/$name.toml"
  [ -f "$file" ] || { echo "protocols.sh: there is no '$name' in Protocols/" >&2; exit 2; }
  try "$name" "$serval" study check "$file"
  cells="$(sed -n 's/.*: \([0-9]*\) cells$/\1/p' "$work/$name.log" | head -n 1)"
  if [ "$outcome" = ok ] && [ "$only_check" -eq 0 ]; then
    try "$name" "$serval" study run "$file" --scale smoke --jobs "$jobs" --output "$work/$name"
    counts="$(sed -n 's/^\([0-9]* cells: .*\)/\1/p' "$work/$name.log" | tail -n 1)"
    cells="${counts%% *}"
    case "$counts" in *" 0 not run"*) ;; *not\ run*) outcome="$outcome, $(sed 's/.*, \([0-9]*\) not run.*/\1/' <<< "$counts") wait for weights" ;; esac
    rm -rf "${work:?}/$name"
  fi
  line "$name" "${cells:-?}" "$wall" "$used" "$outcome"
  case "$outcome" in
    failed*) failed=1; grep -E '^failed|^Serval' "$work/$name.log" | sed 's/^/  /' >&2 || true ;;
  esac
done
if [ -n "$table" ]; then
  { echo '| protocol | cells | s | s of processors | outcome |'; echo '| --- | ---: | ---: | ---: | --- |'; cat "$work/table"; } > "$table.new"
  mv "$table.new" "$table"
fi
exit "$failed"
