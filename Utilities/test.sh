#!/usr/bin/env bash
# Sets up, builds and runs every test. Arguments go to ctest: Utilities/test.sh -R Cache
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/build.sh"
case "${1:-}" in -h | --help) serval_usage "$@" ;; esac # others are ctest's
serval_build
serval_setup_tests
ctest --preset release "$@"
