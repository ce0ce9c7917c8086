#!/usr/bin/env bash
# Optional: fetches NiiVue (BSD-2-Clause) by npm and puts it beside a build, for `serval study report --embedVolumes`:
# Utilities/setup-viewer.sh [BUILD_FOLDER], by default build/release. Reports without volumes do not need it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/usage.sh"
serval_usage "$@"
version=0.69.0
checksum=47b896b77ec4a5be3ef1949c33ad393b6f45629921f326c279000bcf51bdb4af
build="$(realpath -m "${1:-"$(dirname "${BASH_SOURCE[0]}")/../build/release"}")"
stop() { printf 'setup-viewer: %s\n' "$*" >&2; exit 3; }
command -v npm >/dev/null || stop "npm is missing; install it (Debian: apt-get install npm) and run this again"
[ -d "$build" ] || stop "'$build' does not exist; build first, or name the folder of the build"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
printf 'setup-viewer: NiiVue %s by npm: download 8 MB, disk 3 MB\n' "$version"
(cd "$scratch" && npm pack --silent "@niivue/niivue@$version" >/dev/null) || stop "npm could not fetch NiiVue $version; is there a way to npm's registry?"
tar xzf "$scratch"/niivue-niivue-*.tgz -C "$scratch" package/dist/niivue.umd.js || stop "NiiVue's package is not as expected"
found="$(sha256sum "$scratch/package/dist/niivue.umd.js" | cut -d' ' -f1)"
[ "$found" = "$checksum" ] || stop "NiiVue $version has the SHA-256 $found; $checksum is expected. Nothing is installed"
mkdir -p "$build/viewer"
mv "$scratch/package/dist/niivue.umd.js" "$build/viewer/niivue.js.part"
mv "$build/viewer/niivue.js.part" "$build/viewer/niivue.js"
printf 'setup-viewer: NiiVue %s is set up; `serval study report STUDY.toml --output FOLDER --embedVolumes` embeds volumes\n' "$version"
