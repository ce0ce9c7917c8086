#!/usr/bin/env bash
# The pictures of Modules/Visualization/GALLERY.md from the cases in Data/, after the build; those of numbers are the
# baselines of the module's tests. Look at each before it is committed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/usage.sh"
serval_usage "$@"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
render=("$root/build/release/cli-modules/ServalRenderVolume")
data="$root/Data"
gallery="$root/Modules/Visualization/gallery"
mkdir -p "$gallery"

organs=("$data/ct-organs/example_ct_sm.nii.gz")
labels=(--labels "$data/ct-organs/example_seg.nii.gz" --labelNames "$(tail -n +3 "$data/ct-organs/labels-ct.csv" | tr , = | paste -sd,)")
brain=("$data/mr-hippocampus/images/hippocampus_001.nii.gz")
hippocampus=(--labels "$data/mr-hippocampus/labels/hippocampus_001.nii.gz" --labelNames anterior,posterior)

"${render[@]}" "${organs[@]}" "$gallery/ct-mosaic.png" "${labels[@]}" --mode mosaic --count 8 --size 900,600 --title "Abdominal CT, automatic organ map"
"${render[@]}" "$data/ct-organs/example_ct.nii.gz" "$gallery/ct-projections.png" --mode projection --window bone --size 900,420 \
  --title "CT, maximum-intensity projections"
"${render[@]}" "$data/ct-organs/example_ct.nii.gz" "$gallery/ct-bone.png" --mode volume --preset ct-bone --size 600,480
"${render[@]}" "$data/ct-dicom-lidc/LIDC-IDRI-0001" "$gallery/ct-lung.png" --mode volume --preset ct-lung --size 600,480
"${render[@]}" "${brain[@]}" "$gallery/mr-slices.png" "${hippocampus[@]}" --size 900,400 --title "MR, hippocampus"
"${render[@]}" "${brain[@]}" "$gallery/mr-surfaces.png" "${hippocampus[@]}" --mode surfaces-compared --size 1000,420

# Of a network that Utilities/demo.sh has trained.
model="$root/demo-output/study/cells/scratch-n8-r0/model.safetensors"
if [ -f "$model" ]; then
  "$root/build/release/cli-modules/ServalMapSaliency" --input "${brain[0]}" --position=-15,-20,19 --model "$model" --picture "$gallery/mr-saliency.png"
fi
