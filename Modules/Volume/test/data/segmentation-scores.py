#!/usr/bin/env python3
"""Writes segmentation-scores.csv beside it: agreement of pairs of masks by NumPy and SciPy, for SegmentationScoresTest.

A mask is an ellipsoid (centre and radii in voxels), with `holes` without the voxels whose hash is a multiple of 5.
"""
import csv
import pathlib

import numpy as np
from scipy import ndimage

PAIRS = [  # size, spacing, centre and radii of reference and prediction (x, y, z), holes
    ((20, 18, 16), (1, 1, 1), (9.5, 8.5, 7.5, 6, 5, 4), (10.5, 8.5, 7.5, 6, 5, 4), 0),
    ((20, 18, 16), (0.7, 1.1, 2.5), (9.5, 8.5, 7.5, 6, 5, 4), (10.5, 9.5, 6.5, 5, 6, 3), 0),
    ((20, 18, 16), (0.7, 1.1, 2.5), (9.5, 8.5, 7.5, 6, 5, 4), (10.5, 9.5, 6.5, 5, 6, 3), 1),
    ((31, 12, 9), (0.5, 0.5, 3), (8, 6, 4, 5, 3, 2), (21, 5, 4, 6, 4, 3), 0),
    ((24, 24, 24), (0.9, 0.9, 0.9), (2, 2, 2, 7, 7, 7), (4, 1, 3, 7, 8, 6), 0),
    ((24, 24, 24), (1.3, 0.4, 2), (12, 12, 12, 9, 9, 9), (12, 12, 12, 4, 4, 4), 0),
    ((15, 16, 17), (3, 2, 1), (7, 8, 8, 0.5, 0.5, 0.5), (3, 2, 14, 0.5, 0.5, 0.5), 0),
    ((15, 16, 17), (1, 2, 3), (7, 8, 8, 40, 40, 40), (7, 8, 8, 4, 5, 6), 1),
    ((40, 7, 11), (0.6, 5, 1), (19, 3, 5, 17, 2, 4), (22, 3, 5, 15, 3, 4), 1),
]


def mask_of(size, ellipsoid, holes):
    z, y, x = np.meshgrid(*(np.arange(n) for n in reversed(size)), indexing="ij")
    cx, cy, cz, rx, ry, rz = ellipsoid
    inside = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 + ((z - cz) / rz) ** 2 <= 1
    return inside & ((x * 31 + y * 17 + z * 7 + x * y * z) % 5 != 0) if holes else inside


def surface_of(mask):
    return mask & ~ndimage.binary_erosion(mask, ndimage.generate_binary_structure(3, 1), border_value=0)


def scores(reference, predicted, spacing):
    sampling = spacing[::-1]
    a, b = surface_of(reference), surface_of(predicted)
    forth = ndimage.distance_transform_edt(~b, sampling=sampling)[a]
    back = ndimage.distance_transform_edt(~a, sampling=sampling)[b]
    both = np.count_nonzero(reference & predicted)
    n, m = np.count_nonzero(reference), np.count_nonzero(predicted)
    return {"dice": 2 * both / (n + m), "iou": both / np.count_nonzero(reference | predicted),
            "hd95": max(np.percentile(forth, 95), np.percentile(back, 95)), "assd": np.concatenate([forth, back]).mean(),
            "volume_error": (m - n) * np.prod(spacing) / 1000, "volume_percent": 100 * (m - n) / n}


def main():
    axes, ellipsoid = "xyz", ["cx", "cy", "cz", "rx", "ry", "rz"]
    columns = [f"n{a}" for a in axes] + [f"s{a}" for a in axes] + [f"{side}_{e}" for side in ("reference", "predicted") for e in ellipsoid] + ["holes"]
    with open(pathlib.Path(__file__).with_suffix(".csv"), "w", newline="") as file:
        writer = None
        for size, spacing, a, b, holes in PAIRS:
            found = scores(mask_of(size, a, 0), mask_of(size, b, holes), spacing)
            row = dict(zip(columns, (*size, *spacing, *a, *b, holes))) | {name: repr(float(value)) for name, value in found.items()}
            if writer is None:
                writer = csv.DictWriter(file, row.keys(), lineterminator="\n")
                writer.writeheader()
            writer.writerow(row)


if __name__ == "__main__":
    main()
