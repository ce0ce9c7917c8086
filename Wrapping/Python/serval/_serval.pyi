"""The extension module; people use the names of `serval`."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_Grid = tuple[Any, ...]

def version() -> str:
    """Version of Serval"""

def show_paths(is_whole: bool) -> None:
    """Whether messages show whole paths and identifiers; by default they show keyed hashes of them"""

def content_hash(array: NDArray[Any]) -> str:
    """XXH3-128 of an array's bytes, as 32 hexadecimal digits"""

def read_volume(
    path: str | os.PathLike[str], series: str, channel: int, repair: bool, maximum_gap: float, allow_not_finite: bool
) -> tuple[NDArray[Any], _Grid, str]: ...
def read_labels(path: str | os.PathLike[str]) -> tuple[NDArray[np.uint16], _Grid]: ...
def write_volume(path: str | os.PathLike[str], array: NDArray[Any], grid: _Grid) -> None: ...
def write_labels(path: str | os.PathLike[str], array: NDArray[np.uint16], grid: _Grid) -> None: ...
def list_dicom_folder(
    folder: str | os.PathLike[str], identifiers: bool
) -> tuple[list[dict[str, Any]], int, list[str]]: ...

class CacheWriter:
    def __init__(self, folder: str | os.PathLike[str], description: dict[str, Any]) -> None: ...
    def look(self, source: dict[str, str]) -> tuple[bool, str]: ...
    def add(
        self,
        source: dict[str, str],
        images: NDArray[Any],
        segmentations: NDArray[np.uint8] | None,
        corners: NDArray[np.int64],
        classes: list[int],
        grid: _Grid,
        intensity: list[list[float]],
        candidates: list[str],
    ) -> None: ...
    def commit(self) -> None: ...

class PatchCache:
    """A patch cache: a folder of HDF5 shards, mapped into memory.

    InputError (a ValueError) when the folder is no patch cache or a shard is damaged, EnvironmentFault (an OSError) when it
    cannot be read.
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
    @property
    def candidates(self) -> NDArray[np.str_]:
        """Candidate or lesion of each patch; empty where there is none"""
    @property
    def compression(self) -> str:
        """none, gzip or zstd"""
    @property
    def is_mapped(self) -> bool:
        """Whether image() gives views of the mapped file"""
    @property
    def fingerprint(self) -> str:
        """Content hash: equal caches have equal fingerprints"""
    def image(self, index: int) -> NDArray[Any]:
        """Native voxels [C, Z, Y, X] of one patch: a read-only view of the mapped file, or a copy where it is compressed"""
    def images(
        self,
        indices: Sequence[int],
        normalise: bool = True,
        window: tuple[float, float] | Sequence[tuple[float, float]] | None = None,
        repeat: int = 1,
        threads: int = 1,
    ) -> NDArray[np.float32]:
        """Voxels [N, C, Z, Y, X]: z-scores of each patch's volume, windows scaled to -1..1, or native values"""
    def segmentations(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """Labels [N, Z, Y, X]; InputError when the cache holds none"""
