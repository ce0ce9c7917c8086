"""Reads a cache made by ServalExtractPatches with serval and, where it is installed, with h5py. Run by ctest with the
folder of the executables; exit status 77 when NumPy is missing."""

import gc
import os
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy as np
except ImportError:
    print("skipped: NumPy is not installed for", sys.executable)
    sys.exit(77)
try:
    import h5py
except ImportError:
    h5py = None

import serval

MODULES = sys.argv.pop()
SIZE = (11, 12, 13)  # x, y, z


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
        command = [os.path.join(MODULES, "ServalExtractPatches"), "--manifest", f"{root}/m.csv", "--cache", cls.path]
        command += ["--size", "4,5,6", "--count", "7", "--sampler", "class", "--classFrom", "centre", "--classNames", "dark,bright"]
        command += ["--dense", "segmentation", "--denseNames", "dark,bright", "--progress", "none"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        cls.cache = serval.PatchCache(cls.path)

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

    def test_normalised_images_are_z_scores_of_the_volume(self):
        index = self.cache.cases.index("a")
        expected = (self.cache.image(index) - self.volume.mean(dtype="f8")) / self.volume.std(dtype="f8")
        np.testing.assert_allclose(self.cache.images([index])[0], expected, atol=1e-4)
        windowed = self.cache.images([index], window=[-100, 100])
        self.assertLessEqual(abs(windowed).max(), 1)

    def test_a_view_is_read_only_and_keeps_the_cache(self):
        image = serval.PatchCache(self.path).image(0)
        gc.collect()
        self.assertFalse(image.flags.writeable)
        np.testing.assert_array_equal(image, self.cache.image(0))

    def test_indices_are_checked(self):
        np.testing.assert_array_equal(self.cache.image(-1), self.cache.image(len(self.cache) - 1))
        for index in (len(self.cache), -len(self.cache) - 1):
            with self.assertRaises(IndexError):
                self.cache.image(index)

    def test_what_is_no_cache_is_refused(self):
        with self.assertRaisesRegex(ValueError, "no patch cache"):
            serval.PatchCache(self.folder.name + "/missing")

    @unittest.skipIf(h5py is None, "h5py is not installed")
    def test_h5py_reads_the_same(self):
        row = 0
        for name in sorted(os.listdir(self.path)):
            with h5py.File(os.path.join(self.path, name)) as shard:
                for image in shard["/patches/image"]:
                    np.testing.assert_array_equal(image, self.cache.image(row))
                    row += 1
        self.assertEqual(row, len(self.cache))


if __name__ == "__main__":
    unittest.main()
