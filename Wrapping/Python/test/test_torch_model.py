"""Models that the command line trains compute the same as torch.nn modules."""
import csv
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np

import serval

try:
    import torch

    from serval.torch_model import load_model
except ImportError:
    torch = None

MODULES = pathlib.Path(os.environ["SERVAL_CLI_MODULES"])
EDGE = 16


def run(module, *words):
    done = subprocess.run([MODULES / module, *map(str, words), "--progress", "none"], capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(done.stderr)


@unittest.skipUnless(torch and (MODULES / "ServalTrainClassifier").exists(), "torch or the learning modules are not there")
class TorchModel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        random = np.random.default_rng(1)
        for name, shape in (("three", (EDGE, EDGE, EDGE)), ("two", (1, 2 * EDGE, 2 * EDGE))):
            with serval.PatchCacheWriter(cls.at(f"{name}.cache"), patch=shape, class_names=["a", "b", "c"], segmentation_names=["out", "in"]) as writer:
                for patient in "xy":
                    images = random.normal(0, 1, (6, 1, *shape)).astype(np.float32)
                    writer.add(patient, patient, images, classes=[0, 1, 2] * 2, segmentations=(images[:, 0] > 0.5).astype(np.uint8))

    @classmethod
    def at(cls, name):
        return pathlib.Path(cls.folder.name) / name

    def trained(self, module, cache, *words):
        model = self.at("model.safetensors")
        run(module, "--cache", self.at(cache), "--output", model, "--steps", 3, "--batch", 6, "--precision", "float32", "--device", "cpu", *words)
        return model

    def images(self, cache):
        patches = serval.PatchCache(self.at(cache)).images(range(12))
        return torch.from_numpy(patches if patches.shape[2] > 1 else patches[:, :, 0])

    def test_classifiers_of_every_family_give_the_same_probabilities(self):
        for network, cache, more in (
            ("unet-classifier", "three.cache", ["--filters", 4, "--depth", 2, "--attachment", "decoder1"]),
            ("unet-classifier", "three.cache", ["--filters", 4, "--depth", 2, "--attachment", "decoders", "--residual", "--normalisation", "group"]),
            ("unet-classifier", "two.cache", ["--filters", 4, "--depth", 2, "--attachment", "bottleneck", "--normalisation", "instance"]),
            ("resnet18", "two.cache", []),
            ("resnet18", "three.cache", []),
            ("resnet50", "two.cache", []),
            ("resnet20-cifar", "two.cache", []),
            ("densenet121", "two.cache", []),
            ("googlenet-bn", "two.cache", []),
            ("cifarnet", "two.cache", []),
            ("cifarnet-full", "two.cache", []),
            ("ild-cnn", "two.cache", []),
            ("small-cnn", "three.cache", []),
            ("resnet32-cifar", "two.cache", []),
            ("resnet34", "two.cache", []),
            ("unet-classifier", "three.cache", ["--filters", 4, "--depth", 2, "--attachment", "layer:encoder2"]),
            ("local5", "two.cache", []),
        ):
            with self.subTest(network, cache=cache, more=more):
                model = self.trained("ServalTrainClassifier", cache, "--network", network, *more)
                run("ServalPredict", "--cache", self.at(cache), "--model", model, "--output", self.at("p.csv"), "--precision", "float32")
                with open(self.at("p.csv"), newline="") as file:
                    rows = list(csv.DictReader(file))
                columns = [name for name in rows[0] if name.startswith("p_")] or [name for name in rows[0] if name.startswith("p")][-3:]
                expected = np.array([[float(row[name]) for name in columns] for row in rows])
                with torch.no_grad():
                    found = load_model(model)(self.images(cache))["classes"].softmax(1).numpy()
                np.testing.assert_allclose(found, expected, rtol=1e-5, atol=2e-6)

    def test_a_segmenting_unet_is_rebuilt_with_its_features(self):
        import h5py

        model = self.trained("ServalPretrainNetwork", "three.cache", "--filters", 4, "--depth", 2)
        run("ServalExtractFeatures", "--cache", self.at("three.cache"), "--model", model, "--output", self.at("f.h5"), "--layers", "bottleneck", "--precision", "float32")
        rebuilt, kept = load_model(model), []
        names = dict(rebuilt.named_modules())
        names["bottleneck_second_norm"].register_forward_hook(lambda module, given, result: kept.append(result.relu().flatten(2).mean(2)))
        with torch.no_grad():
            maps = rebuilt(self.images("three.cache"))["segmentation"]
        self.assertEqual(tuple(maps.shape), (12, 2, EDGE, EDGE, EDGE))
        with h5py.File(self.at("f.h5")) as file:
            found = []
            file.visititems(lambda name, item: found.append(item[...]) if name.endswith("bottleneck") and isinstance(item, h5py.Dataset) else None)
        np.testing.assert_allclose(kept[0].numpy(), found[0], rtol=1e-5, atol=1e-6)

    def test_state_dicts_of_torchvision_are_imported_by_name(self):
        from torchvision_like import NETWORKS

        torch.manual_seed(3)
        for name, (make, edge) in NETWORKS.items():
            with self.subTest(name):
                original = make(7).eval()
                for module in original.modules():
                    if isinstance(module, torch.nn.BatchNorm2d):  # statistics that are not those of a fresh network
                        module.running_mean.uniform_(-0.2, 0.2)
                        module.running_var.uniform_(0.5, 2)
                torch.save(original.state_dict(), self.at("v.pth"))
                run("ServalImportWeights", "--input", self.at("v.pth"), "--network", name, "--output", self.at("v.safetensors"), "--dimension", 2,
                    "--channels", 3, "--classes", 7, "--size", f"{edge},{edge}", "--minimumShare", 1, "--window", "0:1", "--standard", "imagenet")  # fmt: skip
                image = torch.rand(2, 3, edge, edge)
                rebuilt = load_model(self.at("v.safetensors"))
                self.assertEqual(rebuilt.card["intensity"]["means"], [0.485, 0.456, 0.406])
                with torch.no_grad():
                    expected, found = original(image), rebuilt(image)["classes"]
                self.assertLess(((found - expected).norm() / expected.norm()).item(), 1e-5)

    def test_the_safetensors_library_reads_models(self):
        try:
            from safetensors import safe_open
        except ImportError:
            self.skipTest("safetensors is not installed")
        model = self.trained("ServalTrainClassifier", "three.cache", "--filters", 4, "--depth", 2)
        rebuilt = load_model(model).state_dict()
        with safe_open(model, framework="pt") as file:
            self.assertEqual(set(file.metadata()), {"format", "serval", "serval_graph"})
            kernel = file.get_tensor("encoder1.first.weight")
            self.assertEqual(len(list(file.keys())), len([name for name in rebuilt if not name.endswith("num_batches_tracked")]))
        torch.testing.assert_close(kernel, rebuilt["encoder1_first.weight"], rtol=0, atol=0)

    def test_other_files_are_refused(self):
        import json
        import struct

        header = json.dumps({}).encode()
        self.at("x.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
        with self.assertRaisesRegex(ValueError, "no model of Serval"):
            load_model(self.at("x.safetensors"))


if __name__ == "__main__":
    unittest.main()
