"""Writing patch caches from NumPy arrays."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _serval
from ._errors import UsageError
from ._geometry import Geometry


class PatchCacheWriter:
    """Writes a patch cache, one case after another, as a context manager:

        with PatchCacheWriter("lung.cache", patch=(32, 64, 64), class_names=["benign", "malignant"]) as writer:
            writer.add("case1", "patient1", images, classes=[0, 1, 1])

    The cache is readable when the block ends without an exception. patch: size in voxels (z, y, x), z = 1 for 2D.
    segmentation_names: names of the labels 0, 1, 2, ...; segmentation_kind: expert-labels or pseudo-labels. parameters:
    how the patches were made (JSON), part of every case's key. compression: none (mapped into memory when read), gzip
    (readable by every HDF5) or zstd.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        patch: Sequence[int],
        *,
        channels: int = 1,
        class_names: Sequence[str] = (),
        segmentation_names: Sequence[str] = (),
        segmentation_kind: str = "",
        sampler: str = "",
        seed: int = 0,
        parameters: Mapping[str, Any] | None = None,
        compression: str = "none",
    ) -> None:
        self._patch = tuple(int(size) for size in patch)
        if len(self._patch) != 3:
            raise UsageError(f"patch needs three sizes (z, y, x), found {patch}")
        self._channels = int(channels)
        self._classes = len(class_names)
        self._has_segmentation = len(segmentation_names) > 0
        description = {
            "patch": self._patch,
            "channels": self._channels,
            "class_names": list(class_names),
            "segmentation_names": list(segmentation_names),
            "segmentation_kind": segmentation_kind,
            "sampler": sampler,
            "seed": int(seed),
            "parameters": json.dumps(parameters or {}, sort_keys=True, separators=(",", ":")),
            "compression": compression,
        }
        self._writer = _serval.CacheWriter(folder, description)

    def look(self, case: str, patient: str, source_fingerprint: str, time_point: str = "", label_fingerprint: str = "") -> tuple[bool, str]:
        """Whether a case's patches are there already, and why or why not; a case that is there need not be added."""
        return self._writer.look(self._source(case, patient, source_fingerprint, time_point, label_fingerprint))

    def add(
        self,
        case: str,
        patient: str,
        images: ArrayLike,
        *,
        classes: Sequence[int] | None = None,
        segmentations: ArrayLike | None = None,
        corners: ArrayLike | None = None,
        geometry: Geometry | None = None,
        intensity: Sequence[Sequence[float]] | None = None,
        candidates: Sequence[str] = (),
        source_fingerprint: str | None = None,
        time_point: str = "",
        label_fingerprint: str = "",
    ) -> None:
        """Writes the patches of one case, whole; all lies on the disk when the block ends.

        images: [N, C, Z, Y, X] (or [N, Z, Y, X] with one channel) of uint8, int16, uint16 or float32, native intensities.
        classes: N indices into class_names, -1 where unknown. segmentations: uint8 [N, Z, Y, X]. corners: [N, 3], first
        voxel (x, y, z) of each patch in the volume, by default 0. geometry: of the whole volume, by default 1 mm at the
        origin. intensity: (mean, standard deviation, percentile 0.5, percentile 99.5) of each channel over the whole
        volume, from which patches are normalised when they are read; by default over these patches.
        source_fingerprint: content hash of the source, by default of `images`.
        """
        voxels = self._images(images)
        count = len(voxels)
        labels = self._labels(segmentations, count)
        places = np.zeros((count, 3), np.int64) if corners is None else np.ascontiguousarray(corners, dtype=np.int64)
        if places.shape != (count, 3):
            raise UsageError(f"corners need the shape ({count}, 3), found {places.shape}")
        indices = [-1] * count if classes is None else [int(index) for index in classes]
        if len(indices) != count or any(not -1 <= index < self._classes for index in indices):
            raise UsageError(f"classes need {count} indices -1 to {self._classes - 1}, found {indices}")
        if len(candidates) not in (0, count):
            raise UsageError(f"candidates need {count} names or none, found {len(candidates)}")
        grid = geometry or Geometry(self._patch[::-1])
        fingerprint = source_fingerprint or _serval.content_hash(voxels)
        source = self._source(case, patient, fingerprint, time_point, label_fingerprint)
        self._writer.add(source, voxels, labels, places, indices, grid._grid(), self._intensity(voxels, intensity), list(candidates))

    def __enter__(self) -> PatchCacheWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._writer.commit()

    @staticmethod
    def _source(case: str, patient: str, fingerprint: str, time_point: str, label_fingerprint: str) -> dict[str, str]:
        return {
            "case": case,
            "patient": patient,
            "source_fingerprint": fingerprint,
            "time_point": time_point,
            "label_fingerprint": label_fingerprint,
        }

    def _images(self, images: ArrayLike) -> NDArray[Any]:
        voxels = np.asarray(images)
        if voxels.ndim == 4 and self._channels == 1:
            voxels = voxels[:, np.newaxis]
        expected = (self._channels, *self._patch)
        if voxels.shape[1:] != expected or len(voxels) == 0:
            raise UsageError(f"images need the shape (N, {', '.join(map(str, expected))}) with N > 0, found {np.shape(images)}")
        return np.ascontiguousarray(voxels)

    def _labels(self, segmentations: ArrayLike | None, count: int) -> NDArray[np.uint8] | None:
        if (segmentations is not None) != self._has_segmentation:
            raise UsageError("segmentations belong to a cache with segmentation_names, and to no other")
        if segmentations is None:
            return None
        labels = np.asarray(segmentations)
        if labels.shape != (count, *self._patch) or labels.dtype.kind not in "biu" or labels.min() < 0 or labels.max() > 255:
            raise UsageError(f"segmentations need the shape {(count, *self._patch)} and labels 0 to 255, found {labels.dtype} {labels.shape}")
        return np.ascontiguousarray(labels, dtype=np.uint8)

    def _intensity(self, voxels: NDArray[Any], given: Sequence[Sequence[float]] | None) -> list[list[float]]:
        if given is None:
            channels = [voxels[:, channel] for channel in range(self._channels)]
            given = [[c.mean(dtype=float), c.std(dtype=float) or 1.0, *np.percentile(c, [0.5, 99.5])] for c in channels]
        rows = [[float(value) for value in row] for row in given]
        if len(rows) != self._channels or any(len(row) != 4 or not np.all(np.isfinite(row)) for row in rows):
            raise UsageError(f"intensity needs four finite numbers for each of {self._channels} channels, found {rows}")
        return rows
