#!/usr/bin/env bash
# The acceptance study (half an hour on two cores): Utilities/acceptance.sh [OUTPUT_FOLDER], by default
# acceptance-output. Compares its mean accuracies with those of a plain PyTorch U-Net; exit 1 when one is worse by more
# than 0.02. Interrupted, it goes on where it was.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/usage.sh"
serval_usage "$@"
output="$(realpath -m "${1:-"$(dirname "${BASH_SOURCE[0]}")/../acceptance-output"}")"
. "$(dirname "${BASH_SOURCE[0]}")/build.sh"
serval_build
"$serval_root/build/release/bin/serval" study run "$serval_root/Protocols/hippocampus-acceptance.toml" --output "$output"
python3 - "$output/results.json" <<'PYTHON'
import json
import sys

# Plain PyTorch U-Net: 8 base filters, 16^3 patches, 8 a class and patient, 150 steps of 24; means of 3 repeats.
REFERENCE = {
    "scratch": {2: 0.71, 8: 0.86, 32: 0.89},
    "dense-supervision": {2: 0.77, 8: 0.89, 32: 0.91},
    "thresholds-tuned": {2: 0.75, 8: 0.84, 32: 0.88},
}
TOLERANCE = 0.02
found = {(a["arm"], a["trainPatients"]): a for a in json.load(open(sys.argv[1]))["arms"]}
worse = 0
print(f"{'arm':20} {'patients':>8} {'accuracy':>24} {'reference':>10}  difference")
for arm, sizes in REFERENCE.items():
    for size, reference in sizes.items():
        accuracy = found[arm, size]["scores"]["accuracy"]
        difference = accuracy["value"] - reference
        bad = not difference >= -TOLERANCE
        worse += bad
        interval = f"{accuracy['value']:.3f} [{accuracy['low']:.3f}, {accuracy['high']:.3f}]"
        print(f"{arm:20} {size:8} {interval:>24} {reference:10.2f}  {difference:+.3f}{'  worse' if bad else ''}")
sys.exit(1 if worse else 0)
PYTHON
