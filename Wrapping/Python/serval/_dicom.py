"""What a folder of DICOM files holds."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from . import _serval


@dataclass(frozen=True)
class DicomSeries:
    """One volume's worth of planes. id goes to read_volume(folder, series=id); it is keyed anew in every process.

    kind: volume, localizer, secondary-capture, screen-capture, segmentation or other. extent: voxels (x, y, z); spacing: mm.
    problems: (name, numbers) of what keeps it from being a regular volume, as missing-slice, uneven-spacing,
    duplicate-position, gantry-tilt, mixed-orientation, partial-rescale.
    What follows `problems` identifies the patient: None unless list_dicom_folder was asked for it, and never in repr().
    """

    id: str
    kind: str
    slices: int
    extent: tuple[int, int, int]
    spacing: tuple[float, float, float]
    modality: str
    image_type: str
    body_part: str
    series_number: int
    description: str
    has_burned_in_annotation: bool
    may_show_face: bool
    problems: list[tuple[str, str]]
    files: list[str] | None = field(default=None, repr=False)
    patient_id: str | None = field(default=None, repr=False)
    patient_name: str | None = field(default=None, repr=False)
    study_uid: str | None = field(default=None, repr=False)
    series_uid: str | None = field(default=None, repr=False)
    accession_number: str | None = field(default=None, repr=False)
    frame_of_reference_uid: str | None = field(default=None, repr=False)

    @property
    def is_regular(self) -> bool:
        """Whether it can be read as it is."""
        return not self.problems


@dataclass(frozen=True)
class DicomFolder:
    """series: what there is; skipped: files that are no DICOM images; damaged: DICOM files that cannot be read."""

    series: list[DicomSeries]
    skipped: int
    damaged: list[str]


def list_dicom_folder(folder: str | os.PathLike[str], identifiers: bool = False) -> DicomFolder:
    """Every series below a folder, at any depth. identifiers: also tell who the patient is, and whole paths."""
    series, skipped, damaged = _serval.list_dicom_folder(folder, identifiers)
    return DicomFolder([DicomSeries(**record) for record in series], skipped, damaged)
