"""A cohort: a folder with manifest.csv and the files of its cases, as `serval extract-patches --manifest` takes it."""

from __future__ import annotations

import csv
import os
import re
import tempfile
from pathlib import Path
from typing import Callable

COLUMNS = ("case", "patient", "image", "segmentation", "class")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

Save = Callable[[Path], None]


class CohortError(ValueError):
    """What is wrong, and what to do."""


def read_cohort(folder: Path | str) -> list[dict[str, str]]:
    """The rows of the folder's manifest; none when there is no manifest yet."""
    manifest = Path(folder) / "manifest.csv"
    if not manifest.exists():
        return []
    with manifest.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        names = reader.fieldnames or []
        rows = list(reader)
    missing = [c for c in COLUMNS if c not in names]
    if missing:
        raise CohortError(f"manifest.csv has no column {', '.join(missing)}; choose another folder, or add the columns")
    return rows


def add_case(
    folder: Path | str,
    case: str,
    save_image: Save,
    save_segmentation: Save | None = None,
    save_points: Save | None = None,
    patient: str = "",
    class_name: str = "",
) -> dict[str, str]:
    """Saves a case into the folder and adds its row. The manifest is replaced when all files are whole; when one cannot
    be saved, the files of the case are removed again and the manifest is as it was."""
    folder = Path(folder)
    patient = patient or case
    for what, name in (("case", case), ("patient", patient)):
        if not NAME.fullmatch(name):
            raise CohortError(f"the {what} is called '{name}'; a pseudonym of letters, digits, '_', '-' and '.' is expected")
    rows = read_cohort(folder)
    if any(row["case"] == case for row in rows):
        raise CohortError(f"the case '{case}' is in the cohort already; choose another name")
    has_class = bool(rows and rows[0]["class"])
    if rows and has_class != bool(class_name):
        raise CohortError("either all cases of a cohort have a class or none; the others " + ("have one" if has_class else "have none"))
    has_labels = bool(rows and rows[0]["segmentation"])
    if rows and has_labels != bool(save_segmentation):
        raise CohortError("either all cases of a cohort have a segmentation or none; the others " + ("have one" if has_labels else "have none"))
    files = [(f"{case}.nrrd", save_image), (f"{case}.seg.nrrd", save_segmentation)]
    if save_points:
        (folder / "points").mkdir(parents=True, exist_ok=True)
        files.append((f"points/{case}.mrk.json", save_points))
    folder.mkdir(parents=True, exist_ok=True)
    row = {"case": case, "patient": patient, "image": files[0][0], "segmentation": files[1][0] if save_segmentation else "", "class": class_name}
    _save_all(folder, files)
    extra = [c for c in (rows[0] if rows else {}) if c not in COLUMNS]
    _write(folder / "manifest.csv", rows + [row], [*COLUMNS, *extra])
    return row


def _save_all(folder: Path, files: list[tuple[str, Save | None]]) -> None:
    done: list[Path] = []
    try:
        for name, save in files:
            if save is None:
                continue
            done.append(folder / name)
            save(folder / name)
            if not (folder / name).is_file():
                raise CohortError(f"{name} could not be saved")
    except BaseException:
        for path in done:
            path.unlink(missing_ok=True)
        raise


def _write(file: Path, rows: list[dict[str, str]], columns: list[str]) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".manifest")
    try:
        with os.fdopen(handle, "w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
