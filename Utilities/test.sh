#!/usr/bin/env bash
# Sets up, builds and runs every test. Arguments go to ctest: Utilities/test.sh -R Cache
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/build.sh"
serval_build
ctest --preset release "$@"
