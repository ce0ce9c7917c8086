#!/usr/bin/env bash
# Sets up, builds and runs the demonstration: Utilities/demo.sh [--cuda] [OUTPUT_FOLDER], by default demo-output.
# --cuda (or SERVAL_CUDA=1): with a CUDA LibTorch, on the GPU where there is one.
set -euo pipefail
if [ "${1:-}" = --cuda ]; then
  export SERVAL_CUDA=1
  shift
fi
. "$(dirname "${BASH_SOURCE[0]}")/usage.sh"
serval_usage "$@"
output="$(realpath -m "${1:-"$(dirname "${BASH_SOURCE[0]}")/../demo-output"}")"
. "$(dirname "${BASH_SOURCE[0]}")/build.sh"
serval_build
"$serval_root/Utilities/main-job.sh" "$output"
serval_say "pictures: $output/pictures ($(cd "$output/pictures" && printf '%s ' *.png))"
serval_say "report: $output/report.html (open it in a browser)"
