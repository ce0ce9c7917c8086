#!/usr/bin/env bash
# The main job on the data of Data/: Utilities/main-job.sh OUTPUT_FOLDER, after the build. Interrupted, it goes on
# where it was.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/usage.sh"
serval_usage "$@"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
output="$(realpath -m "${1:?usage: Utilities/main-job.sh OUTPUT_FOLDER}")"
program="$root/build/release/bin/serval"
data="$root/Data"
mkdir -p "$output/ct" "$output/mr" "$output/pictures"

step() { printf '\n== %s\n' "$*"; }
serval() { # said, to be learned and changed
  local word
  printf '$ serval'
  for word; do
    case "$word" in
      '' | *[!A-Za-z0-9_./:,=+-]*) printf " '%s'" "${word//\'/\'\\\'\'}" ;;
      *) printf ' %s' "$word" ;;
    esac
  done
  printf '\n'
  "$program" "$@"
}

step "CT: DICOM series -> body -> pseudo-segmentation -> patches -> pictures"
lidc="$data/ct-dicom-lidc/LIDC-IDRI-0001"
serval segment-by-threshold "$lidc" "$output/ct/lidc-labels.nii.gz" --preset ct-contrast --json "$output/ct/lidc-labels.json"
names="$(python3 -c 'import json,sys; print(",".join(l["name"] for l in json.load(open(sys.argv[1]))["labels"]))' "$output/ct/lidc-labels.json")"
serval render-volume "$lidc" "$output/pictures/ct-lung-window.png" --window lung --title "Chest CT, lung window"
serval render-volume "$lidc" "$output/pictures/ct-pseudo-segmentation.png" --labels "$output/ct/lidc-labels.nii.gz" \
  --labelNames "${names#*,}" \
  --title "Chest CT, pseudo-segmentation"
printf 'case,patient,image,pseudo_segmentation\nLIDC-IDRI-0001,LIDC-IDRI-0001,%s,lidc-labels.nii.gz\n' "$(realpath --relative-to="$output/ct" "$lidc")" > "$output/ct/cases.csv"
for size in 64,64,1 48,48,8; do
  serval extract-patches --manifest "$output/ct/cases.csv" --cache "$output/ct/patches-${size//,/x}.cache" --size "$size" --count 64 \
    --classFrom none --dense pseudo_segmentation --denseNames "$names"
done

step "CT smoke test: patches by organ, trained and tested on one and the same patient: it shows that the CT path runs, nothing more"
organs="--sampler class --size 16,16,8 --classFrom centre --classNames liver,colon,spleen --classLabels 5,20,1 --shortfall fewer"
# shellcheck disable=SC2086
serval extract-patches --manifest "$data/ct-organs/manifest.csv" --cache "$output/ct/organs.cache" --count 60 --seed 1 $organs
# shellcheck disable=SC2086
serval extract-patches --manifest "$data/ct-organs/manifest.csv" --cache "$output/ct/organs-again.cache" --count 60 --seed 2 $organs
serval train-classifier --cache "$output/ct/organs.cache" --output "$output/ct/organs.safetensors" --window=-200:300 --depth 2 \
  --attachment bottleneck --steps 100 --curve "$output/ct/organs-curve.csv"
serval predict --cache "$output/ct/organs-again.cache" --model "$output/ct/organs.safetensors" --output "$output/ct/organs.csv"
serval evaluate-predictions --predictions "$output/ct/organs.csv"
serval render-volume "$data/ct-organs/example_ct_sm.nii.gz" "$output/pictures/ct-organs.png" --window soft \
  --labels "$data/ct-organs/example_seg.nii.gz" --labelNames "$(tail -n +3 "$data/ct-organs/labels-ct.csv" | tr , = | paste -sd,)" \
  --title "Abdominal CT, automatic organ map"
serval render-volume "$data/ct-organs/example_ct_sm.nii.gz" "$output/pictures/ct-volume.png" --mode volume --level 200 --width 300 \
  --title "Abdominal CT, volume rendering"

step "MR: DICOM series -> pseudo-segmentation -> pictures"
serval segment-by-threshold "$data/mr-dicom-sag35" "$output/mr/sag35-labels.nii.gz" --preset mr-tissue
serval render-volume "$data/mr-dicom-sag35" "$output/pictures/mr-head.png" --labels "$output/mr/sag35-labels.nii.gz" \
  --labelNames intermediate,bright --title "Head MR, pseudo-segmentation"

step "The demonstration's question: anterior hippocampus, posterior hippocampus, or outside it?"
serval study run "$root/Protocols/hippocampus-demo.toml" --output "$output/study"
cp "$output/study/report.html" "$output/report.html"
