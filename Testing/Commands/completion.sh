#!/usr/bin/env bash
# completion.sh SERVAL bash|zsh|fish: sources the completion script into that shell and looks at what it offers for verbs,
# options, choices, files and folders. 77: the shell is not there.
set -euo pipefail
serval="$(realpath "$1")" shell="$2" here="$(cd "$(dirname "$0")" && pwd)"
command -v "$shell" >/dev/null || { echo "skipped: $shell is not installed (Debian: apt-get install $shell)"; exit 77; }
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/work/maps" "$scratch/functions"
cd "$scratch/work"
touch manifest.csv
"$serval" completion "$shell" >"$scratch/functions/_serval"

# What the shell offers at the end of a line, a word a line.
offers() {
  case "$shell" in
    fish) HOME="$scratch" fish --no-config -c "source $scratch/functions/_serval; complete -C '$1'" | cut -f 1 ;;
    zsh) HOME="$scratch" zsh -f "$here/complete.zsh" "$scratch/functions" "$1" ;;
    bash)
      bash --norc -c 'source "$1"; read -ra COMP_WORDS <<<"$2"; case "$2" in *" ") COMP_WORDS+=("") ;; esac
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _serval serval; printf "%s\n" "${COMPREPLY[@]}"' bash "$scratch/functions/_serval" "$1" ;;
  esac
}
problems=0
# expect LINE WORD...: all the words are offered; a word after "not" is not.
expect() {
  local line="$1" wanted=yes said
  said="$(offers "$line" | sed 's|/$||')" || true
  shift
  for word in "$@"; do
    if [ "$word" = not ]; then
      wanted=no
    elif [ "$(grep -qxF -e "$word" <<<"$said" && echo yes || echo no)" != "$wanted" ]; then
      echo "FAILED: '$line' should offer '$word': $wanted. It offers: $(tr '\n' ' ' <<<"$said")"
      problems=1
    fi
  done
}
expect 'serval st' start study not audit
expect 'serval render-volume --mo' --mode not --count
expect 'serval render-volume --mode ' slices mosaic projection not manifest.csv
expect 'serval study ' run new plan
expect 'serval extract-patches --manifest ma' manifest.csv
expect 'serval extract-patches --cache ma' maps not manifest.csv
expect 'serval extract-patches --size ' not manifest.csv maps
expect 'serval completion ' bash zsh fish not manifest.csv
expect 'serval help st' start study not audit
[ "$problems" = 0 ] && echo "$shell completes verbs, options, choices, files and folders"
exit "$problems"
