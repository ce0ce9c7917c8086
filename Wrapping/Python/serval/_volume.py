"""Volumes and label maps: files and DICOM series to NumPy arrays and back."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _serval
from ._errors import UsageError
from ._geometry import Geometry


@dataclass(frozen=True)
class Volume:
    """An image or label map. array: [z, y, x] in native intensities (HU for CT); geometry: its place in the patient."""

    array: NDArray[Any]
    geometry: Geometry
    modality: str = ""


def read_volume(
    path: str | os.PathLike[str],
    series: str | None = None,
    channel: int | None = None,
    repair: bool = False,
    maximum_gap: float = 2.5,
    allow_not_finite: bool = False,
) -> Volume:
    """A NIfTI, NRRD or MetaImage file, or the DICOM series in a file or folder, as [z, y, x].

    The array has the smallest of uint8, int16, uint16 and float32 that holds the voxels; it owns the memory they were read
    into (no copy). series: of a folder with several, the SeriesInstanceUID or the id of list_dicom_folder. channel: of a
    file with several channels or time points, counted from 0. repair: resample a DICOM series that is not regular,
    across gaps of up to maximum_gap usual slice distances.
    InputError, with the texts of the command line, for what cannot be read with its true geometry.
    """
    array, grid, modality = _serval.read_volume(path, series or "", -1 if channel is None else channel, repair, maximum_gap, allow_not_finite)
    return Volume(array, Geometry._from(grid), modality)


def read_labels(path: str | os.PathLike[str]) -> Volume:
    """A label map as uint16 [z, y, x]; InputError unless it holds whole numbers 0 to 65535."""
    array, grid = _serval.read_labels(path)
    return Volume(array, Geometry._from(grid))


def write_volume(path: str | os.PathLike[str], array: ArrayLike, geometry: Geometry) -> None:
    """Writes uint8, int16, uint16 or float32 voxels [z, y, x], whole or not at all; the extension says the format.

    .nii, .nii.gz, .nrrd or .mha. Other types of voxels are refused (UsageError): nothing is rounded silently.
    """
    voxels = np.asarray(array)
    if voxels.ndim != 3:
        raise UsageError(f"a volume has three axes (z, y, x), found an array of shape {voxels.shape}")
    _serval.write_volume(path, np.ascontiguousarray(voxels), geometry._grid())


def write_labels(path: str | os.PathLike[str], array: ArrayLike, geometry: Geometry) -> None:
    """Writes labels [z, y, x] of any integer type or bool, in 8 bits where they allow it, else in 16."""
    labels = np.asarray(array)
    if labels.ndim != 3 or labels.dtype.kind not in "biu":
        raise UsageError(f"labels are whole numbers on three axes (z, y, x), found {labels.dtype} of shape {labels.shape}")
    if labels.size and (labels.min() < 0 or labels.max() > 65535):
        raise UsageError(f"labels lie in 0 to 65535, found {labels.min()} to {labels.max()}")
    _serval.write_labels(path, np.ascontiguousarray(labels, dtype=np.uint16), geometry._grid())
