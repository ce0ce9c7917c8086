#!/usr/bin/env bash
# Sets up and builds build/release. Run it, or source it and call serval_build.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

# As many jobs as processors, each with 1.6 GB of the memory that is free.
serval_jobs() {
  local processors memory
  processors="$(nproc)"
  memory="$(awk '/^MemAvailable:/ { print int($2 / 1.6e6) }' /proc/meminfo)"
  [ "$memory" -lt "$processors" ] && processors="$memory"
  [ "$processors" -lt 1 ] && processors=1
  printf '%s' "$processors"
}

# Configures when it was never done or the arguments changed; otherwise Ninja does it when a CMake file changed.
serval_configure() {
  local arguments=(-DCMAKE_EXPORT_COMPILE_COMMANDS=ON "-DPython_EXECUTABLE=$serval_python" "${serval_torch_arguments[@]}")
  local said="$serval_root/build/release/configured-with.txt"
  if [ ! -f "$serval_root/build/release/build.ninja" ] || [ "$(cat "$said" 2>/dev/null)" != "${arguments[*]}" ]; then
    cmake --preset release "${arguments[@]}"
    printf '%s\n' "${arguments[*]}" >"$said"
  fi
}

serval_build() {
  cd "$serval_root"
  serval_setup
  serval_configure
  # Asked of ccache, not of CMake: only what is really compiled is recorded.
  if [ -n "${SERVAL_COMPILE_COST:-}" ]; then export CCACHE_PREFIX="$serval_root/Utilities/compile-cost.py"; fi
  cmake --build --preset release --parallel "$(serval_jobs)"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  serval_usage "$@"
  serval_build
fi
