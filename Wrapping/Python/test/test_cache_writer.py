"""Caches written from NumPy arrays, and their parity with those of the command line."""

import os
import subprocess
import tempfile
import unittest

import numpy as np

import serval
from test_volume import oblique, ramp

MODULES = os.environ["SERVAL_CLI_MODULES"]
PATCH = (4, 3, 2)  # z, y, x


class CacheWriterTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        self.path = os.path.join(self.root, "t.cache")
        self.images = np.random.default_rng(2).integers(-1000, 1000, (5, 2, *PATCH)).astype(np.int16)

    def write(self, **options):
        with serval.PatchCacheWriter(self.path, PATCH, channels=2, class_names=["a", "b"], segmentation_names=["out", "in"], **options) as writer:
            writer.add(
                "case1",
                "p1",
                self.images,
                classes=[0, 1, 1, -1, 0],
                segmentations=self.images[:, 0] > 0,
                corners=[[n, 2 * n, 3 * n] for n in range(5)],
                geometry=oblique((50, 50, 50)),
                candidates=[f"lesion{n}" for n in range(5)],
            )

    def test_what_was_written_is_read(self):
        for compression in ("none", "gzip", "zstd"):
            with self.subTest(compression):
                self.path = os.path.join(self.root, compression + ".cache")
                self.write(compression=compression, seed=3)
                cache = serval.PatchCache(self.path)
                self.assertEqual((len(cache), cache.channels, tuple(cache.patch)), (5, 2, PATCH))
                self.assertEqual((cache.compression, cache.is_mapped), (compression, compression == "none"))
                for n in range(5):
                    np.testing.assert_array_equal(cache.image(n), self.images[n])
                    self.assertEqual(cache.image(n).dtype, np.int16)
                np.testing.assert_array_equal(cache.segmentations(range(5)), self.images[:, 0] > 0)
                self.assertEqual(list(cache.classes), [0, 1, 1, -1, 0])
                self.assertEqual(list(cache.candidates), [f"lesion{n}" for n in range(5)])
                np.testing.assert_allclose(cache.origins, oblique((50, 50, 50)).point(cache.corners))
                expected = (self.images - self.images.mean((0, 2, 3, 4), keepdims=True)) / self.images.std((0, 2, 3, 4), keepdims=True)
                np.testing.assert_allclose(cache.images(range(5), threads=2), expected, atol=1e-4)

    def test_equal_calls_give_equal_bytes(self):
        self.write()
        first = serval.PatchCache(self.path).fingerprint
        self.path += "2.cache"
        self.write()
        self.assertEqual(serval.PatchCache(self.path).fingerprint, first)

    def test_an_interrupted_block_leaves_no_cache_and_is_gone_on_with(self):
        with self.assertRaises(KeyboardInterrupt):
            with serval.PatchCacheWriter(self.path, PATCH) as writer:
                writer.add("case1", "p1", self.images[:, :1], source_fingerprint="0123")
                raise KeyboardInterrupt
        with self.assertRaises(serval.InputError):
            serval.PatchCache(self.path)
        with serval.PatchCacheWriter(self.path, PATCH) as writer:
            self.assertEqual(writer.look("case1", "p1", "0123")[0], True)
            self.assertEqual(writer.look("case2", "p2", "4567"), (False, "new"))
            writer.add("case2", "p2", self.images[:3, 1], source_fingerprint="4567")
        cache = serval.PatchCache(self.path)
        self.assertEqual(list(cache.cases), ["case1"] * 5 + ["case2"] * 3)

    def test_what_does_not_fit_is_refused(self):
        with serval.PatchCacheWriter(self.path, PATCH, class_names=["a"]) as writer:
            good = self.images[:, :1]
            for images, options in (
                (self.images, {}),
                (good[:0], {}),
                (good.astype(np.int32), {}),
                (good, {"classes": [0, 0, 0, 0, 1]}),
                (good, {"classes": [0]}),
                (good, {"corners": [[0, 0, 0]]}),
                (good, {"segmentations": good[:, 0] > 0}),
                (good, {"intensity": [[0, 1, 0]]}),
                (good, {"candidates": ["x"]}),
            ):
                with self.assertRaises(serval.UsageError, msg=options):
                    writer.add("c", "p", images, **options)
            writer.add("c", "p", good)
        with self.assertRaises(serval.UsageError):
            serval.PatchCacheWriter(self.path + "2", PATCH, compression="lzma")

    def test_python_cuts_the_patches_that_the_command_line_cuts(self):
        geometry = oblique((21, 22, 23))
        serval.write_volume(os.path.join(self.root, "v.nrrd"), ramp(geometry), geometry)
        with open(os.path.join(self.root, "m.csv"), "w") as manifest:
            manifest.write("case,patient,image\nc1,p1,v.nrrd\n")
        command = [os.path.join(MODULES, "ServalExtractPatches"), "--manifest", os.path.join(self.root, "m.csv"), "--cache", self.path]
        command += ["--size", "4,5,6", "--count", "9", "--sampler", "uniform", "--classFrom", "none", "--progress", "none"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        made = serval.PatchCache(self.path)
        self.assertEqual(len(made), 9)
        volume = serval.read_volume(os.path.join(self.root, "v.nrrd"))
        with serval.PatchCacheWriter(os.path.join(self.root, "py.cache"), (6, 5, 4)) as writer:
            blocks = [volume.array[z : z + 6, y : y + 5, x : x + 4] for x, y, z in made.corners]
            writer.add("c1", "p1", blocks, corners=made.corners, geometry=volume.geometry)
        ours = serval.PatchCache(os.path.join(self.root, "py.cache"))
        for n in range(9):
            np.testing.assert_array_equal(ours.image(n), made.image(n))
        for name in ("corners", "origins", "spacings", "directions"):
            np.testing.assert_allclose(getattr(ours, name), getattr(made, name), atol=1e-9, err_msg=name)
