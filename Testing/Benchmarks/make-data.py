#!/usr/bin/env python3
"""make-data.py FOLDER [VOLUMES]: synthetic CT-like volumes, 256x256x160 int16, as raw .nrrd and as .nii.gz, the first also
as an uncompressed DICOM series, with a manifest of the .nrrd files. Shuffled and deflated they shrink about to a half.
Needs numpy, nibabel and pydicom."""
import csv
import pathlib
import sys

import nibabel
import numpy
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

SHAPE = (160, 256, 256)
SPACING = (0.8, 0.8, 1.5)


def volume(seed):
    """A body of soft tissue in air with organs, bones and noise of 12 HU."""
    random = numpy.random.default_rng(seed)
    z, y, x = numpy.meshgrid(*(numpy.linspace(-1, 1, n, dtype=numpy.float32) for n in SHAPE), indexing="ij", sparse=True)
    image = numpy.full(SHAPE, -1000, numpy.float32)
    image[(x / 0.85) ** 2 + (y / 0.65) ** 2 + 0 * z < 1] = 40
    for _ in range(40):
        centre, radius = random.uniform(-0.6, 0.6, 3), random.uniform(0.05, 0.3, 3)
        value = random.choice([-850.0, -100.0, 60.0, 120.0, 600.0])
        inside = ((x - centre[0]) / radius[0]) ** 2 + ((y - centre[1] * 0.7) / radius[1]) ** 2 + ((z - centre[2]) / radius[2]) ** 2 < 1
        image[inside & (image > -500)] = value
    return numpy.round(image + random.normal(0, 12, SHAPE)).astype(numpy.int16)


def write_nrrd(path, image):
    header = (
        "NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\n"
        f"sizes: {image.shape[2]} {image.shape[1]} {image.shape[0]}\n"
        f"space directions: ({SPACING[0]},0,0) (0,{SPACING[1]},0) (0,0,{SPACING[2]})\n"
        "kinds: domain domain domain\nendian: little\nencoding: raw\nspace origin: (0,0,0)\n\n"
    )
    path.write_bytes(header.encode() + image.tobytes())


def write_dicom(folder, image):
    folder.mkdir(exist_ok=True)
    for number, plane in enumerate(image):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = f"1.2.826.0.1.3680043.8.498.{number + 1}"
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
        data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.1001", "1.2.826.0.1.3680043.8.498.1002"
        data.FrameOfReferenceUID, data.Modality, data.PatientID = "1.2.826.0.1.3680043.8.498.1003", "CT", "synthetic"
        data.ImageType, data.InstanceNumber, data.SeriesNumber = ["ORIGINAL", "PRIMARY", "AXIAL"], number + 1, 1
        data.ImagePositionPatient, data.ImageOrientationPatient = [0, 0, number * SPACING[2]], [1, 0, 0, 0, 1, 0]
        data.PixelSpacing, data.SliceThickness = [SPACING[1], SPACING[0]], SPACING[2]
        data.Rows, data.Columns = plane.shape
        data.SamplesPerPixel, data.PhotometricInterpretation, data.PixelRepresentation = 1, "MONOCHROME2", 0
        data.BitsAllocated, data.BitsStored, data.HighBit = 16, 16, 15
        data.RescaleSlope, data.RescaleIntercept = 1, -1024
        data.PixelData = (plane.astype(numpy.int32) + 1024).clip(0).astype(numpy.uint16).tobytes()
        data.save_as(folder / f"{number:04d}.dcm", enforce_file_format=True)


def main(folder, count):
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "manifest.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["case", "patient", "image"])
        for seed in range(count):
            image = volume(seed)
            write_nrrd(folder / f"ct{seed}.nrrd", image)
            nibabel.save(nibabel.Nifti1Image(image.transpose(2, 1, 0), numpy.diag([*SPACING, 1])), folder / f"ct{seed}.nii.gz")
            rows.writerow([f"ct{seed}", f"patient{seed}", f"ct{seed}.nrrd"])
            if seed == 0:
                write_dicom(folder / "dicom", image)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 8)
