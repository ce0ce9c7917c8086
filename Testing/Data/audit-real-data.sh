#!/usr/bin/env bash
# audit-real-data.sh SERVAL DATA_FOLDER: runs `serval audit` on every folder that holds DICOM and on every *.tar.xz below
# DATA_FOLDER (unpacked to a temporary folder); prints each table and exit code. Fails when one is neither 0 nor 3.
set -euo pipefail
serval="$1" data="$2" status=0
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

audit() {
  local name="$1" folder="$2" code=0
  echo "== $name"
  "$serval" audit "$folder" --progress none 2>&1 || code=$?
  echo "exit $code"
  [ "$code" -eq 0 ] || [ "$code" -eq 3 ] || status=1
}

for folder in "$data"/*dicom*/; do
  audit "$(basename "$folder")" "$folder"
done
for archive in "$data"/*dicom*.tar.xz; do
  [ -e "$archive" ] || continue
  rm -rf "${scratch:?}"/*
  tar -xJf "$archive" -C "$scratch"
  audit "$(basename "$archive")" "$scratch"
done
exit "$status"
