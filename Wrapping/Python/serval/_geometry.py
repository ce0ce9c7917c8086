"""Where a voxel grid lies in the patient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._errors import UsageError

_IDENTITY = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True)
class Geometry:
    """A voxel grid in DICOM's patient coordinates: millimetres, LPS (left, posterior, superior grow).

    Everything here runs in image order (x, y, z); an array of the grid has the shape (z, y, x).
    extent: voxels along x, y, z. spacing: voxel edges in mm. origin: centre of the first voxel in mm, LPS.
    direction: 3 x 3; its columns are the unit vectors of the index axes x, y, z.
    """

    extent: tuple[int, int, int]
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0)
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    direction: tuple[tuple[float, float, float], ...] = _IDENTITY

    def __post_init__(self) -> None:
        for name, size, kind in (("extent", 3, int), ("spacing", 3, float), ("origin", 3, float)):
            values = tuple(kind(value) for value in getattr(self, name))
            if len(values) != size or not np.all(np.isfinite(values)):
                raise UsageError(f"{name} needs {size} finite numbers (x, y, z), found {getattr(self, name)}")
            object.__setattr__(self, name, values)
        matrix = np.asarray(self.direction, dtype=float)
        if matrix.size != 9 or not np.allclose(matrix.reshape(3, 3).T @ matrix.reshape(3, 3), np.eye(3), atol=2e-3):
            raise UsageError(f"direction needs 3 x 3 numbers whose columns are perpendicular unit vectors, found {self.direction}")
        object.__setattr__(self, "direction", tuple(tuple(float(v) for v in row) for row in matrix.reshape(3, 3)))
        if min(self.extent) < 1 or min(self.spacing) <= 0:
            raise UsageError(f"extent and spacing must be positive, found {self.extent} and {self.spacing}")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape (z, y, x) of an array of this grid."""
        return self.extent[::-1]  # type: ignore[return-value]

    @property
    def affine_lps(self) -> NDArray[np.float64]:
        """4 x 4: (i, j, k, 1) along x, y, z to millimetres in LPS, as ITK and DICOM use them."""
        affine = np.eye(4)
        affine[:3, :3] = np.asarray(self.direction) * np.asarray(self.spacing)
        affine[:3, 3] = self.origin
        return affine

    @property
    def affine(self) -> NDArray[np.float64]:
        """4 x 4: (i, j, k, 1) along x, y, z to millimetres in RAS, as NIfTI and nibabel use them."""
        return np.diag([-1.0, -1.0, 1.0, 1.0]) @ self.affine_lps

    def point(self, index: ArrayLike) -> NDArray[np.float64]:
        """Points [..., 3] (mm, LPS) of continuous indices [..., 3] (x, y, z)."""
        matrix = self.affine_lps
        return np.asarray(index, dtype=float) @ matrix[:3, :3].T + matrix[:3, 3]

    def index(self, point: ArrayLike) -> NDArray[np.float64]:
        """Continuous indices [..., 3] (x, y, z) of points [..., 3] (mm, LPS)."""
        offset = np.asarray(point, dtype=float) - np.asarray(self.origin)
        return offset @ np.asarray(self.direction) / np.asarray(self.spacing)

    def _grid(self) -> tuple[Any, ...]:
        return self.extent, self.spacing, self.origin, tuple(np.ravel(self.direction).tolist())

    @staticmethod
    def _from(grid: tuple[Any, ...]) -> Geometry:
        extent, spacing, origin, direction = grid
        return Geometry(tuple(extent), tuple(spacing), tuple(origin), tuple(map(tuple, np.reshape(direction, (3, 3)))))
