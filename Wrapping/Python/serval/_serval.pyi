"""Patch caches of Serval as NumPy arrays."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

def version() -> str:
    """Version of Serval"""

class PatchCache:
    """A patch cache: a folder of HDF5 shards, mapped into memory.

    ValueError when the folder is no patch cache or a shard is damaged, OSError when it cannot be read.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None: ...
    def __len__(self) -> int: ...
    def __repr__(self) -> str: ...
    @property
    def patch(self) -> list[int]:
        """Patch size in voxels (z, y, x)"""
    @property
    def channels(self) -> int: ...
    @property
    def class_names(self) -> list[str]: ...
    @property
    def segmentation_names(self) -> list[str]:
        """Names of the labels 0, 1, 2, ...; empty when no segmentation is stored"""
    @property
    def provenance(self) -> str:
        """Canonical JSON"""
    @property
    def cases(self) -> NDArray[np.str_]:
        """Case of each patch"""
    @property
    def patients(self) -> NDArray[np.str_]:
        """Patient of each patch"""
    @property
    def classes(self) -> NDArray[np.int32]:
        """Index into class_names of each patch, -1 where unknown"""
    @property
    def corners(self) -> NDArray[np.int64]:
        """First voxel (x, y, z) of each patch in its volume"""
    @property
    def origins(self) -> NDArray[np.float64]:
        """Position (mm, LPS) of each patch's first voxel"""
    @property
    def spacings(self) -> NDArray[np.float64]:
        """Voxel size (mm; x, y, z) of each patch"""
    @property
    def directions(self) -> NDArray[np.float64]:
        """Direction cosines [N, 3, 3] of each patch; columns are the axes x, y, z"""
    def image(self, index: int) -> NDArray[Any]:
        """Native voxels [C, Z, Y, X] of one patch: a read-only view of the file, or a copy where it is compressed"""
    def images(
        self, indices: Sequence[int], normalise: bool = True, window: tuple[float, float] | None = None
    ) -> NDArray[np.float32]:
        """Voxels [N, C, Z, Y, X]: z-scores of each patch's volume, window scaled to -1..1, or native values"""
    def segmentations(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """Labels [N, Z, Y, X]; ValueError when the cache holds none"""
