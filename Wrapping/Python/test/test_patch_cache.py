"""Reads a cache made by ServalExtractPatches with serval and, where it is installed, with h5py."""

import ast
import gc
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import numpy as np

try:
    import h5py
except ImportError:
    h5py = None
try:
    import hdf5plugin
except ImportError:
    hdf5plugin = None

import serval

MODULES = os.environ["SERVAL_CLI_MODULES"]
SIZE = (11, 12, 13)  # x, y, z
NAMES = ["dark", "bright"]


def write_mha(path, array, kind):
    """A MetaImage of an array [z, y, x]."""
    z, y, x = array.shape
    header = (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\n"
        f"Offset = 1 2 3\nElementSpacing = 0.5 1 2\nDimSize = {x} {y} {z}\nElementType = {kind}\nElementDataFile = LOCAL\n"
    )
    with open(path, "wb") as file:
        file.write(header.encode() + array.tobytes())


class PatchCacheTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        root = cls.folder.name
        random = np.random.default_rng(1)
        cls.volume = random.integers(-1000, 1000, SIZE[::-1]).astype("<i2")
        labels = (cls.volume > 0).astype("u1")
        write_mha(f"{root}/a.mha", cls.volume, "MET_SHORT")
        write_mha(f"{root}/b.mha", cls.volume.astype("<f4") + 0.5, "MET_FLOAT")
        write_mha(f"{root}/labels.mha", labels, "MET_UCHAR")
        with open(f"{root}/m.csv", "w") as file:
            file.write("case,patient,image,segmentation\na,p1,a.mha,labels.mha\nb,p2,b.mha,labels.mha\n")
        cls.path = f"{root}/t.cache"
        subprocess.run(cls.command(cls.path), check=True, stdout=subprocess.DEVNULL)
        cls.cache = serval.PatchCache(cls.path)

    @classmethod
    def command(cls, path):
        """Extracts all cases into the cache."""
        command = [os.path.join(MODULES, "ServalExtractPatches"), "--manifest", f"{cls.folder.name}/m.csv", "--cache", path]
        command += ["--size", "4,5,6", "--count", "7", "--sampler", "class", "--classFrom", "centre", "--classNames", "dark,bright"]
        return command + ["--dense", "segmentation", "--denseNames", "dark,bright", "--progress", "none"]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_patches_are_blocks_of_the_volume(self):
        self.assertEqual(len(self.cache), 2 * 2 * 7)
        self.assertEqual(tuple(self.cache.patch), (6, 5, 4))
        for index, (case, (x, y, z)) in enumerate(zip(self.cache.cases, self.cache.corners)):
            block = self.volume[z : z + 6, y : y + 5, x : x + 4]
            image = self.cache.image(index)
            self.assertEqual(image.shape, (1, 6, 5, 4))
            self.assertEqual(image.dtype, np.dtype("i2" if case == "a" else "f4"))
            np.testing.assert_array_equal(image[0], block if case == "a" else block.astype("f4") + 0.5)
            np.testing.assert_array_equal(self.cache.segmentations([index])[0], block > 0)
            self.assertEqual(self.cache.classes[index], self.volume[z + 3, y + 2, x + 2] > 0)
            np.testing.assert_allclose(self.cache.origins[index], [1 + 0.5 * x, 2 + y, 3 + 2 * z])
        self.assertEqual(list(self.cache.patients), ["p1"] * 14 + ["p2"] * 14)
        self.assertEqual((self.cache.channels, self.cache.class_names, self.cache.segmentation_names), (1, NAMES, NAMES))
        np.testing.assert_array_equal(self.cache.spacings, [[0.5, 1, 2]] * 28)
        np.testing.assert_array_equal(self.cache.directions, [np.eye(3)] * 28)

    def test_normalised_images_are_z_scores_of_the_volume(self):
        index = int(np.flatnonzero(self.cache.cases == "a")[0])
        expected = (self.cache.image(index) - self.volume.mean(dtype="f8")) / self.volume.std(dtype="f8")
        np.testing.assert_allclose(self.cache.images([index])[0], expected, atol=1e-4)
        windowed = self.cache.images([index], window=(-100, 300))
        np.testing.assert_allclose(windowed[0], np.clip((self.cache.image(index) - 100.0) / 200, -1, 1), atol=1e-6)
        both = self.cache.images([index, 0], window=[(-100, 300), (0, 100)], repeat=3)
        self.assertEqual(both.shape[:2], (2, 6))
        for channel in range(3):
            np.testing.assert_array_equal(both[0, channel], windowed[0, 0])
            np.testing.assert_allclose(both[0, 3 + channel], np.clip((self.cache.image(index)[0] - 50.0) / 50, -1, 1), atol=1e-6)
        with self.assertRaisesRegex(ValueError, "low below high"):
            self.cache.images([index], window=(3, 3))

    def test_native_images_of_several_types_in_any_order(self):
        order = [27, 0, -2, 0]
        images = self.cache.images(order, normalise=False)
        self.assertEqual((images.shape, images.dtype), ((4, 1, 6, 5, 4), np.float32))
        for image, index in zip(images, order):
            np.testing.assert_array_equal(image, self.cache.image(index))
        self.assertEqual(self.cache.images([]).shape, (0, 1, 6, 5, 4))

    def test_a_view_is_read_only_and_keeps_the_cache(self):
        image = serval.PatchCache(self.path).image(0)
        gc.collect()
        self.assertFalse(image.flags.writeable)
        self.assertFalse(image.flags.owndata)
        with self.assertRaises(ValueError):
            image[0, 0, 0, 0] = 1
        np.testing.assert_array_equal(image, self.cache.image(0))

    def test_indices_are_checked(self):
        np.testing.assert_array_equal(self.cache.image(-1), self.cache.image(len(self.cache) - 1))
        for index in (len(self.cache), -len(self.cache) - 1):
            with self.assertRaises(IndexError):
                self.cache.image(index)

    def test_what_is_no_cache_is_refused(self):
        for path in (self.folder.name + "/missing", self.folder.name, self.folder.name + "/m.csv"):
            with self.assertRaisesRegex(ValueError, "no patch cache"):
                serval.PatchCache(path)
        with self.assertRaises(TypeError):
            serval.PatchCache(3)

    def shards(self):
        """Files of the cases, in the order of cache.json."""
        with open(os.path.join(self.path, "cache.json")) as file:
            record = json.load(file)
        return [record["shards"][case["shard"]]["file"] for case in record["cases"]]

    def broken(self, change):
        path = os.path.join(self.folder.name, "broken.cache")
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.path, path)
        name = os.path.join(path, self.shards()[0])
        with open(name, "rb") as file:
            content = bytearray(file.read())
        with open(name, "wb") as file:
            file.write(change(content))
        return path

    def test_broken_shards_are_refused(self):
        for length in (0, 7, 100, 1000):
            with self.assertRaisesRegex(ValueError, "truncated|HDF5|damaged"):
                serval.PatchCache(self.broken(lambda content: content[:length]))
        voxels = self.cache.image(0).tobytes()

        def flip(content):
            content[content.index(voxels)] ^= 1
            return content

        damaged = serval.PatchCache(self.broken(flip))
        for read in (damaged.image, lambda index: damaged.images([index]), lambda index: damaged.images([index], normalise=False)):
            with self.assertRaisesRegex(ValueError, "checksum"):
                read(0)
        np.testing.assert_array_equal(damaged.image(1), self.cache.image(1))

    def test_damaged_bytes_end_in_an_error_or_do_no_harm(self):
        random = np.random.default_rng(7)

        def scatter(content):
            for at in random.integers(0, len(content), 3):  # most bytes are tables; the voxels have checksums
                content[at if at % 2 else at % 4096] ^= 1 + random.integers(255)
            return content

        refused = 0
        for _ in range(150):
            try:
                cache = serval.PatchCache(self.broken(scatter))
                cache.images(range(len(cache)))
                self.assertEqual((len(cache.cases), len(cache.corners)), (len(cache), len(cache)))
            except (ValueError, OSError):
                refused += 1
        self.assertEqual(refused, 150)  # every byte has a checksum

    def test_a_cache_without_segmentation_says_so(self):
        path = os.path.join(self.folder.name, "plain.cache")
        command = [os.path.join(MODULES, "ServalExtractPatches"), "--manifest", self.folder.name + "/m.csv", "--cache", path]
        command += ["--size", "4,5,6", "--classFrom", "none", "--progress", "none"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        plain = serval.PatchCache(path)
        self.assertEqual(set(plain.classes), {-1})
        with self.assertRaisesRegex(ValueError, "no segmentation"):
            plain.segmentations([0])

    def test_the_type_stub_names_what_there_is(self):
        with open(os.path.join(os.path.dirname(serval.__file__), "_serval.pyi")) as file:
            tree = ast.parse(file.read())
        stub = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "PatchCache")
        said = {node.name for node in stub.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}
        self.assertEqual(said, {name for name in dir(serval.PatchCache) if not name.startswith("_")})

    @unittest.skipIf(h5py is None, "h5py is not installed")
    def test_h5py_reads_the_same(self):
        row = 0
        for name in self.shards():
            with h5py.File(os.path.join(self.path, name)) as shard:
                row = self.compare(shard, row)
        self.assertEqual(row, len(self.cache))

    def compare(self, shard, row):
        """All patches of a shard with those of our reader, from `row` on."""
        patches = shard["patches"]
        for at, image in enumerate(patches["image"]):
            np.testing.assert_array_equal(image, self.cache.image(row))
            np.testing.assert_array_equal(patches["segmentation"][at], self.cache.segmentations([row])[0])
            self.assertEqual(patches["class"][at], self.cache.classes[row])
            np.testing.assert_array_equal(patches["corner"][at], self.cache.corners[row])
            np.testing.assert_array_equal(patches["origin"][at], self.cache.origins[row])
            case = shard["cases/case"][patches["case"][at]].decode()
            self.assertEqual(case, self.cache.cases[row])
            row += 1
        return row

    @unittest.skipIf(h5py is None, "h5py is not installed")
    def test_h5py_reads_packs_through_the_index(self):
        path = os.path.join(self.folder.name, "packed.cache")
        shutil.copytree(self.path, path)
        subprocess.run([os.path.join(MODULES, "ServalManageCache"), "pack", path, "--progress", "none"], check=True, stdout=subprocess.DEVNULL)
        with h5py.File(os.path.join(path, "index.h5")) as index:
            self.assertTrue(index["patches/image"].is_virtual)
            self.assertEqual(self.compare(index, 0), len(self.cache))

    @unittest.skipIf(h5py is None, "h5py is not installed")
    def test_h5py_reads_compressed_patches(self):
        extract = os.path.join(MODULES, "ServalExtractPatches")
        if "--compression" not in subprocess.run([extract, "--help"], capture_output=True, text=True).stdout:
            self.skipTest("this extract-patches writes no compressed caches")
        for compression in ("gzip", "zstd"):
            path = os.path.join(self.folder.name, compression + ".cache")
            subprocess.run(self.command(path) + ["--compression", compression], check=True, stdout=subprocess.DEVNULL)
            ours = serval.PatchCache(path)
            for index in range(len(ours)):
                np.testing.assert_array_equal(ours.image(index), self.cache.image(index))
            if compression == "zstd" and hdf5plugin is None:
                self.skipTest("hdf5plugin is not installed: h5py cannot read zstd")
            subprocess.run([os.path.join(MODULES, "ServalManageCache"), "pack", path, "--progress", "none"], check=True, stdout=subprocess.DEVNULL)
            with h5py.File(os.path.join(path, "index.h5")) as index:
                self.assertEqual(self.compare(index, 0), len(self.cache))
