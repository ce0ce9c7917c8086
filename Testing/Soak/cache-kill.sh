#!/usr/bin/env bash
# cache-kill.sh BUILD [KILLS]: the patch cache survives what a workstation can do to it. A folder of scratch data is made
# under TMPDIR. The full disk and the read-only folder need root and are skipped without it.
set -euo pipefail
build="$(cd "$1" && pwd)"
kills="${2:-200}"
data="$(cd "$(dirname "$0")/../../Data/mr-hippocampus" && pwd)"
extract="$build/cli-modules/ServalExtractPatches"
manage="$build/cli-modules/ServalManageCache"
scratch="$(mktemp -d)"
trap 'mountpoint -q "$scratch/disk" && umount "$scratch/disk"; rm -rf "$scratch"' EXIT
cd "$scratch"

fail() {
  echo "FAILED: $*"
  exit 1
}

# All cases by their whole paths, and the first 6.
sed "s#images/#$data/images/#; s#labels/#$data/labels/#" "$data/manifest.csv" >all.csv
sed 7q all.csv >few.csv
manifest=few.csv
extraction() { # CACHE SEED
  "$extract" --manifest "$manifest" --cache "$1" --size 24,24,24 --sampler class --classFrom centre --classNames background,anterior,posterior \
    --classLabels 0,1,2 --dense segmentation --denseNames background,anterior,posterior --count 6 --seed "$2" --progress none
}

begun="$(date +%s%N)"
extraction whole.cache 1 >/dev/null
length=$((($(date +%s%N) - begun) / 1000000))
echo "an uninterrupted extraction takes $length ms"

# Kills a background extraction after a random part of its length; true when it was still at work.
kill_at_random() { # CACHE SEED
  extraction "$1" "$2" >/dev/null 2>&1 &
  local shell=$! process=""
  sleep "$(awk -v ms="$length" -v r="$RANDOM" 'BEGIN { printf "%.3f", ms / 1000 * r / 32768 }')"
  process="$(pgrep -P "$shell" || true)"
  [ -n "$process" ] && kill -9 $process 2>/dev/null || true
  ! wait "$shell" 2>/dev/null
}

interrupted=0 partial=0
for ((i = 0; i < kills; ++i)); do
  rm -rf killed.cache
  kill_at_random killed.cache 1 && interrupted=$((interrupted + 1))
  compgen -G "killed.cache/.*serval-partial*" >/dev/null && partial=$((partial + 1))
  extraction killed.cache 1 >/dev/null
  diff -r whole.cache killed.cache || fail "kill $i: the resumed cache differs"
done
echo "$kills kills, $interrupted while at work, $partial left partial files: every resumed cache is byte for byte the uninterrupted one"

interrupted=0
for ((i = 0; i < kills / 10; ++i)); do
  kill_at_random whole.cache 2 && interrupted=$((interrupted + 1))
  if ! cmp -s whole.cache/cache.json killed.cache/cache.json; then # it was not interrupted
    extraction whole.cache 1 >/dev/null
  fi
  "$manage" verify whole.cache --progress none >/dev/null || fail "kill $i: the earlier cache is damaged"
done
echo "$((kills / 10)) kills of a re-extraction with other options, $interrupted while at work: the earlier cache is whole each time"
extraction killed.cache 1 >/dev/null

rm -rf two.cache
extraction two.cache 1 >/dev/null &
extraction two.cache 1 >/dev/null
wait
diff -r killed.cache two.cache || fail "two extractions into one cache differ from one"
echo "two extractions into one cache at once give the same bytes as one"

mkdir disk
manifest=all.csv
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=400m tmpfs disk 2>/dev/null; then
  extraction all.cache 1 >/dev/null
  extraction disk/t.cache 1 >out 2>&1 &
  shell=$!
  while [ "$(find disk -name '*.h5' | wc -l)" -lt 3 ]; do sleep 0.01; done
  head -c 500m /dev/zero >disk/filler 2>/dev/null || true
  code=0
  wait "$shell" || code=$?
  [ "$code" = 4 ] || fail "a full disk ended with $code: $(cat out)"
  [ -z "$(find disk -name '.*partial*')" ] || fail "partial files are left on the full disk"
  echo "full part-way: exit $code, $(find disk -name '*.h5' | wc -l) whole shards kept: $(tail -1 out | cut -c1-160)"
  rm disk/filler
  extraction disk/t.cache 1 >/dev/null
  diff -r all.cache disk/t.cache || fail "after the full disk the cache differs"
  echo "with more room the extraction goes on to the same bytes"

  rm -rf disk/t.cache
  extraction disk/t.cache 1 >out 2>&1 &
  shell=$!
  while [ "$(find disk -name '*.h5' | wc -l)" -lt 3 ]; do sleep 0.01; done
  code=0
  until mount -o remount,ro disk 2>/dev/null; do sleep 0.001; done
  wait "$shell" || code=$?
  [ "$code" = 4 ] || fail "a disk that became read-only ended with $code: $(cat out)"
  echo "read-only part-way: exit $code, $(find disk -name '*.h5' ! -name '.*' | wc -l) whole shards kept: $(tail -1 out | cut -c1-160)"
  mount -o remount,rw disk
  extraction disk/t.cache 1 >/dev/null
  diff -r all.cache disk/t.cache || fail "after the read-only disk the cache differs"
  echo "writable again the extraction goes on to the same bytes"
else
  echo "skipped: a full and a read-only disk need root and mount"
fi
echo "passed"
