"""Volumes and label maps: arrays, geometry, files and their errors."""

import gc
import itertools
import os
import shutil
import subprocess
import tempfile
import threading
import unittest

import numpy as np

import serval

MODULES = os.environ["SERVAL_CLI_MODULES"]
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "Data")


def oblique(extent=(5, 6, 7)):
    """Unequal axes and spacing, turned about two axes of the patient."""
    c, s, d, t = np.cos(0.3), np.sin(0.3), np.cos(-0.2), np.sin(-0.2)
    direction = [[c, -s * d, s * t], [s, c * d, -c * t], [0, t, d]]
    return serval.Geometry(extent, (0.7, 1.1, 2.5), (-12.5, 30.25, -101), direction)


def ramp(geometry, dtype=np.int16):
    """Value x + 10 y + 100 z - 300."""
    z, y, x = np.indices(geometry.shape)
    return (x + 10 * y + 100 * z - 300).astype(dtype)


class GeometryTest(unittest.TestCase):
    def test_points_and_indices_are_inverse_and_agree_with_both_affines(self):
        geometry = oblique()
        index = np.array([[0, 0, 0], [4, 5, 6], [1.5, 2.25, 3]])
        points = geometry.point(index)
        np.testing.assert_allclose(geometry.index(points), index, atol=1e-12)
        np.testing.assert_array_equal(points[0], geometry.origin)
        lps = (geometry.affine_lps @ np.append(index[1], 1))[:3]
        ras = (geometry.affine @ np.append(index[1], 1))[:3]
        np.testing.assert_allclose(points[1], lps)
        np.testing.assert_allclose(ras, lps * [-1, -1, 1])
        self.assertEqual(geometry.shape, (7, 6, 5))

    def test_what_is_no_grid_is_refused(self):
        for bad in (
            {"extent": (1, 2)},
            {"extent": (1, 0, 2)},
            {"extent": (1, 2, 3), "spacing": (1, -1, 1)},
            {"extent": (1, 2, 3), "origin": (0, 0, np.nan)},
            {"extent": (1, 2, 3), "direction": np.ones((3, 3))},
        ):
            with self.assertRaises(serval.UsageError, msg=bad):
                serval.Geometry(**bad)


class VolumeTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def test_every_format_and_type_comes_back_with_its_geometry(self):
        geometry = oblique()
        for extension, dtype in itertools.product((".nii.gz", ".nii", ".nrrd", ".mha"), (np.uint8, np.int16, np.uint16, np.float32)):
            offset = 0 if np.issubdtype(dtype, np.signedinteger) else 300
            array = ramp(geometry).astype(np.float64) + offset
            array = (array / 4 if dtype == np.uint8 else array + 0.5 * (dtype == np.float32)).astype(dtype)
            serval.write_volume(self.path("v" + extension), array, geometry)
            read = serval.read_volume(self.path("v" + extension))
            np.testing.assert_array_equal(read.array, array, err_msg=extension)
            self.assertEqual(read.array.shape, (7, 6, 5))
            np.testing.assert_allclose(read.geometry.affine, geometry.affine, atol=1e-4)

    def test_the_array_owns_what_was_read(self):
        serval.write_volume(self.path("v.nrrd"), ramp(oblique()), oblique())
        array = serval.read_volume(self.path("v.nrrd")).array
        gc.collect()
        self.assertFalse(array.flags.owndata)  # the memory is the reader's own, handed over
        self.assertTrue(array.flags.writeable)
        array[6, 5, 4] = 7
        self.assertEqual(array[6, 5, 4], 7)
        self.assertEqual(array[0, 0, 1] - array[0, 0, 0], 1)

    def test_slices_and_turned_arrays_are_written_as_they_look(self):
        whole = ramp(oblique((10, 6, 7)))
        part = whole[::-1, :, ::2]
        serval.write_volume(self.path("v.mha"), part, oblique())
        np.testing.assert_array_equal(serval.read_volume(self.path("v.mha")).array, part)

    def test_labels_of_any_whole_type(self):
        geometry = oblique()
        labels = np.zeros(geometry.shape, np.int64)
        labels[1, 2, 3] = 300
        for array in (labels, labels > 0, labels.astype(np.uint16)):
            serval.write_labels(self.path("l.nii.gz"), array, geometry)
            read = serval.read_labels(self.path("l.nii.gz"))
            self.assertEqual(read.array.dtype, np.uint16)
            np.testing.assert_array_equal(read.array, array)
        for bad in (labels - 1, labels * 1.0, labels * 1000, labels[0]):
            with self.assertRaises(serval.UsageError):
                serval.write_labels(self.path("bad.nii.gz"), bad, geometry)
        self.assertFalse(os.path.exists(self.path("bad.nii.gz")))

    def test_errors_have_kind_and_the_text_of_the_command_line(self):
        missing = self.path("missing.nii.gz")
        with self.assertRaises(serval.InputError) as caught:
            serval.read_volume(missing)
        self.assertIsInstance(caught.exception, (serval.ServalError, ValueError))
        self.assertEqual((caught.exception.kind, caught.exception.exit_code), ("input", 3))
        command = [os.path.join(MODULES, "ServalSegmentByThreshold"), missing, self.path("o.nrrd")]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, caught.exception.exit_code)
        self.assertIn("does not exist", str(caught.exception))
        self.assertIn("does not exist", done.stderr)
        for array, geometry, kind in (
            (np.zeros((7, 6, 5)), oblique(), serval.UsageError),
            (np.zeros((5, 6, 7), np.int16), oblique(), serval.UsageError),
            (np.zeros((6, 5), np.int16), oblique(), serval.UsageError),
        ):
            with self.assertRaises(kind):
                serval.write_volume(self.path("v.nrrd"), array, geometry)
        with self.assertRaisesRegex(serval.UsageError, "extension"):
            serval.write_volume(self.path("v.jpg"), ramp(oblique()), oblique())
        with self.assertRaises(serval.InputError):
            serval.write_volume(self.path("none/v.nrrd"), ramp(oblique()), oblique())

    def test_other_threads_run_while_a_volume_is_read(self):
        source = os.path.join(DATA, "ct-organs", "example_ct.nii.gz")
        expected = serval.read_volume(source).array
        results = []
        threads = [threading.Thread(target=lambda: results.append(serval.read_volume(source).array)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(results), 4)
        for result in results:
            np.testing.assert_array_equal(result, expected)


class DicomTest(unittest.TestCase):
    def test_a_folder_lists_its_series_without_the_patient(self):
        listing = serval.list_dicom_folder(os.path.join(DATA, "mr-dicom-sag35"))
        self.assertEqual(len(listing.series), 1)
        series = listing.series[0]
        self.assertEqual((series.kind, series.modality, series.slices, series.extent), ("volume", "MR", 35, (256, 256, 35)))
        self.assertTrue(series.is_regular)
        self.assertEqual(listing.skipped, 1)  # origin.csv
        self.assertIsNone(series.series_uid)
        self.assertIsNone(series.files)
        told = serval.list_dicom_folder(os.path.join(DATA, "mr-dicom-sag35"), identifiers=True).series[0]
        self.assertEqual(len(told.files), 35)
        self.assertNotIn(told.series_uid, repr(told))
        self.assertEqual(told.id, series.id)

    def test_a_series_is_read_by_its_id(self):
        shapes, volumes = [], {}
        for series in serval.list_dicom_folder(DATA).series:
            if series.kind == "volume" and series.is_regular:
                volume = serval.read_volume(DATA, series=series.id)
                self.assertEqual(volume.array.shape, series.extent[::-1])
                volumes[volume.array.shape] = volume
                shapes.append(volume.array.shape)
        self.assertEqual({volume.modality for volume in volumes.values()}, {"CT", "MR"})
        chest = volumes[(16, 512, 512)]
        self.assertEqual(shapes.count((16, 512, 512)), 1)
        self.assertEqual((chest.array.dtype, chest.modality), (np.int16, "CT"))
        np.testing.assert_allclose(chest.geometry.spacing, [0.703125, 0.703125, 2.5], atol=1e-6)
