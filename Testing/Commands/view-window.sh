#!/usr/bin/env bash
# view-window.sh SERVAL IMAGE LABELS [FOLDER]: opens `serval view` under Xvfb and presses keys by xdotool; each must change
# the picture as it says. The pictures stay in FOLDER when it is named. 77: Xvfb or xdotool is not there.
set -euo pipefail
serval="$1" image="$2" labels="$3"
for tool in Xvfb xdotool; do
  command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed (Debian: apt-get install ${tool,,})"; exit 77; }
done
scratch="$(mktemp -d)"
xvfb="" viewer=""
finish() {
  [ -z "$viewer" ] || kill "$viewer" 2>/dev/null || true
  [ -z "$xvfb" ] || kill "$xvfb" 2>/dev/null || true
  rm -rf "$scratch"
}
trap finish EXIT
pictures="${4:-$scratch/pictures}"
mkdir -p "$pictures"
rm -f "$pictures"/*.png
fail() { echo "FAILED: $*"; cat "$scratch/said"; exit 1; }

# Without a display: exit code 4 and what to do.
code=0
env -u DISPLAY "$serval" view "$image" >"$scratch/said" 2>&1 || code=$?
[ "$code" = 4 ] && grep -q 'render-volume' "$scratch/said" || fail "no display: exit code $code"

Xvfb -displayfd 3 -screen 0 1280x1024x24 -nolisten tcp 3>"$scratch/number" 2>/dev/null &
xvfb=$!
for _ in $(seq 300); do [ -s "$scratch/number" ] && break; sleep 0.1; done
DISPLAY=":$(cat "$scratch/number")"
export DISPLAY
"$serval" view "$image" --labels "$labels" --labelNames anterior,posterior --picture "$pictures/view.png" >"$scratch/said" 2>&1 &
viewer=$!
window=""
for _ in $(seq 600); do
  kill -0 "$viewer" 2>/dev/null || fail "it ended before a window came"
  window="$(xdotool search --name '^Serval$' 2>/dev/null | head -n 1)" || true
  [ -n "$window" ] && break
  sleep 0.1
done
[ -n "$window" ] || fail "no window came"
sleep 1

# The nth picture, which the key s writes: awaited, so that all that came before it is drawn.
count=0
picture() {
  count=$((count + 1))
  file="$pictures/view.png"
  [ "$count" = 1 ] || file="$pictures/view-$count.png"
  xdotool key s
  for _ in $(seq 300); do [ -s "$file" ] && return; sleep 0.1; done
  fail "the key s wrote no picture"
}
differ() { ! cmp -s "$1" "$2" || fail "$3"; }
same() { cmp -s "$1" "$2" || fail "$3"; }

xdotool mousemove --window "$window" 250 250
sleep 0.3
picture; first="$file"
xdotool key o; picture; plain="$file"
differ "$first" "$plain" "o does not take the overlay away"
xdotool key o; picture
same "$first" "$file" "o does not bring the overlay back"
xdotool click 4; picture
differ "$first" "$file" "the wheel does not scroll"
xdotool key Down; picture
same "$first" "$file" "Down does not scroll back"
xdotool mousedown 1 mousemove_relative 60 -40 mouseup 1; sleep 0.3; picture; dragged="$file"
differ "$first" "$dragged" "dragging does not change the window"
xdotool mousemove --window "$window" 250 250 key plus key plus; picture; nearer="$file"
differ "$dragged" "$nearer" "+ does not zoom"
xdotool mousedown 2 mousemove_relative 30 20 mouseup 2; sleep 0.3; picture
differ "$nearer" "$file" "the middle button does not move what is seen"
xdotool mousemove --window "$window" 250 250 key 0; picture
same "$dragged" "$file" "0 does not bring the whole volume back"
xdotool keydown ctrl click 4 keyup ctrl; picture
differ "$dragged" "$file" "Ctrl and the wheel do not zoom"
xdotool key minus; picture
same "$dragged" "$file" "- does not zoom out again"
xdotool mousedown 3 mousemove_relative 0 -60 mouseup 3; sleep 0.3; picture; zoomed="$file"
differ "$dragged" "$zoomed" "dragging with the right button does not zoom"
xdotool keydown shift mousedown 1 mousemove_relative -- -25 -10 mouseup 1 keyup shift; sleep 0.3; picture
differ "$zoomed" "$file" "Shift and dragging does not move what is seen"
xdotool key 0; picture
same "$dragged" "$file" "0 does not bring the whole volume back after dragging"
xdotool mousemove --window "$window" 250 250 key h; picture
differ "$dragged" "$file" "h shows no help"
xdotool key h click 3; picture
differ "$dragged" "$file" "the right button does not move the crossing"
xdotool mousemove --window "$window" 800 650 mousedown 1 mousemove_relative 80 30 mouseup 1; sleep 0.3; picture; turned="$file"
differ "$dragged" "$turned" "the solid pane does not turn"
xdotool key r; picture
same "$first" "$file" "r does not bring the beginning back"
xdotool windowsize "$window" 900 700; sleep 1; picture
differ "$first" "$file" "a resized window is not drawn anew"
xdotool key q
for _ in $(seq 100); do kill -0 "$viewer" 2>/dev/null || break; sleep 0.1; done
code=0
wait "$viewer" || code=$?
viewer=""
[ "$code" = 0 ] || fail "q ends with exit code $code"
echo "$count pictures, every key as it says"
