#!/usr/bin/env bash
# Kills a small study (SIGKILL, with all its children) at random moments, as often as told, and goes on with it; then all
# its predictions and results must be the bits of an undisturbed run: Testing/Soak/study-kill.sh [KILLS] [SEED]
set -euo pipefail
set -m # a group of its own for each run, to be killed as a whole
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
serval="${SERVAL:-$root/build/release/bin/serval}"
kills="${1:-20}"
RANDOM="${2:-1}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cat >"$work/study.toml" <<TOML
title = "Killed"
[target]
manifest = "$root/Data/mr-hippocampus/manifest.csv"
[design]
testPatients = 8
trainPatients = [3, 5]
repeats = 2
[patches]
size = [12, 12, 12]
sampler = "class"
count = 3
classFrom = "centre"
classNames = ["outside", "anterior", "posterior"]
[network]
filters = 4
depth = 2
[training]
batch = 8
[[source]]
name = "thresholds"
labels = "threshold"
names = ["dark", "middle", "bright"]
segment = { method = "multi-otsu", classes = 3, gate = "warn" }
steps = 20
[[arm]]
name = "scratch"
strategy = "scratch"
steps = 20
[[arm]]
name = "tuned"
strategy = "fine-tuning"
source = "thresholds"
steps = 20
[[arm]]
name = "svm"
strategy = "off-the-shelf"
source = "thresholds"
TOML
begun="$(date +%s%N)"
"$serval" study run "$work/study.toml" --output "$work/whole" >"$work/whole.log" 2>&1
length=$((($(date +%s%N) - begun) / 1000000))
printf 'an undisturbed run takes %d ms\n' "$length"
killed=0
while [ "$killed" -lt "$kills" ]; do
  "$serval" study run "$work/study.toml" --output "$work/broken" >"$work/broken.log" 2>&1 &
  study=$!
  moment="$RANDOM" # not in the subshell, where it would be the same again
  sleep "$(awk -v ms="$length" -v r="$moment" 'BEGIN { printf "%.3f", ms / 3000 * r / 32768 }')"
  if kill -KILL -- "-$study" 2>/dev/null; then
    killed=$((killed + 1))
  else # it ended before: from the beginning, for more moments
    rm -rf "$work/broken"
  fi
  wait "$study" 2>/dev/null || true
  done_cells="$({ find "$work/broken/cells" -name done.txt 2>/dev/null || true; } | wc -l)"
  printf 'killed %d times, %d cells done\n' "$killed" "$done_cells"
done
"$serval" study run "$work/study.toml" --output "$work/broken" >"$work/broken.log" 2>&1
leftovers="$(find "$work/broken" -name '.*' -type f ! -name '.serval*' | wc -l)"
for file in $(cd "$work/whole" && find . -name predictions.csv) ./runs.csv ./tests.csv ./cases-tested.csv; do
  # The site key differs, and with it the pseudonyms; predictions hold the manifest's own ids.
  cmp "$work/whole/$file" "$work/broken/$file"
done
printf '%d kills: all predictions and tables are the bits of an undisturbed run; %d leftovers\n' "$killed" "$leftovers"
