#!/usr/bin/env bash
# data-checksums.sh DATA: every file is in SHA256SUMS with its sum; none over 20 MB, all under 45 MB.
set -euo pipefail
cd "$1"
sha256sum --check --quiet --strict SHA256SUMS
files() { find */ -type f | LC_ALL=C sort; }
unlisted="$(files | grep -vxF -f <(cut -c67- SHA256SUMS) || true)"
[ -z "$unlisted" ] || { echo "not in SHA256SUMS: $unlisted"; exit 1; }
large="$(find . -type f -size +20000k)"
[ -z "$large" ] || { echo "over 20 MB: $large"; exit 1; }
total="$(find . -type f -printf '%s\n' | awk '{ s += $1 } END { print int(s / 1e6) }')"
[ "$total" -lt 45 ] || { echo "Data holds $total MB; at most 45"; exit 1; }
echo "$(files | wc -l) files, $total MB"
