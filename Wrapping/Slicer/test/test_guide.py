"""The guided module without Slicer: its logic alone, its panel on a stand-in, and its cohort read by the real extract-patches.
Usage: test_guide.py BUILD_FOLDER"""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "ServalGuide")]
import slicer_stand_in  # noqa: E402

SLICER = slicer_stand_in.install()
import ServalGuide as guide  # noqa: E402
from ServalGuideLib import CohortError, add_case, read_cohort, steps  # noqa: E402

MODULES = Path(sys.argv.pop(1) if len(sys.argv) > 1 else "build/release") / "cli-modules"


def write_nrrd(path: Path, kind: str, fields: str, voxels: bytes) -> None:
    path.write_bytes((f"NRRD0004\ntype: {kind}\ndimension: 3\nspace: right-anterior-superior\nsizes: 12 13 14\nspace directions: (0.7,0,0) (0,1.1,0) (0,0,2.5)\n"
                      f"kinds: domain domain domain\nendian: little\nencoding: raw\nspace origin: (-10,20,30.5)\n{fields}\n").encode() + voxels)


def save_image(path: Path) -> None:
    first = len(str(path)) + sum(str(path.name).encode())  # every case has voxels of its own
    write_nrrd(path, "short", "", struct.pack("<2184h", *((i + first) % 700 - 200 for i in range(2184))))


def save_segmentation(path: Path) -> None:
    write_nrrd(path, "unsigned char", "Segment0_ID:=Segment_1\nSegment0_Name:=lesion\nSegment0_LabelValue:=1\nSegment0_Layer:=0\n", bytes(i // 1092 for i in range(2184)))


class Folder(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.folder = Path(self.scratch.name) / "eine Kohorte ü"


class TestCohort(Folder):
    def test_rows_are_added_and_kept(self):
        add_case(self.folder, "c1", save_image, save_segmentation, patient="p1", class_name="a, b")
        add_case(self.folder, "c2", save_image, save_segmentation, patient="p1", class_name='x"y')
        rows = read_cohort(self.folder)
        self.assertEqual([(r["case"], r["patient"], r["class"], r["segmentation"]) for r in rows], [("c1", "p1", "a, b", "c1.seg.nrrd"), ("c2", "p1", 'x"y', "c2.seg.nrrd")])

    def test_what_is_wrong_leaves_the_cohort_as_it_was(self):
        add_case(self.folder, "c1", save_image, class_name="a")
        before = sorted((p.name, p.read_bytes()) for p in self.folder.rglob("*") if p.is_file())

        def fail(path):
            path.write_text("half")
            raise OSError("disk full")

        for case, patient, kind, save in (("c1", "", "a", save_image), ("Müller, Hans", "", "a", save_image), ("c2", "Hans Müller", "a", save_image),
                                          ("c2", "", "", save_image), ("", "", "a", save_image), ("../c2", "", "a", save_image)):
            with self.assertRaises(CohortError):
                add_case(self.folder, case, save, patient=patient, class_name=kind)
        with self.assertRaises(CohortError):
            add_case(self.folder, "c2", save_image, save_segmentation, class_name="a")
        with self.assertRaises(OSError):
            add_case(self.folder, "c2", fail, class_name="a")
        with self.assertRaises(CohortError):
            add_case(self.folder, "c2", lambda path: None, class_name="a")
        self.assertEqual(before, sorted((p.name, p.read_bytes()) for p in self.folder.rglob("*") if p.is_file()))

    def test_extract_patches_takes_the_manifest_unchanged(self):
        module = MODULES / "ServalExtractPatches"
        if not module.exists():
            self.skipTest("ServalExtractPatches is not built")
        for case in ("c1", "c2"):
            add_case(self.folder, case, save_image, save_segmentation, patient=case, class_name="a" if case == "c1" else "b")
        run = subprocess.run([module, "--manifest", self.folder / "manifest.csv", "--cache", self.folder / "x.cache", "--size", "4,4,4", "--sampler", "foreground", "--count", "3",
                              "--progress", "none"], capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertIn("6 patches", run.stdout)


class TestPanel(Folder):
    def setUp(self):
        super().setUp()
        self.panel = guide.ServalGuideWidget()
        self.panel.setup()
        self.volume = slicer_stand_in.Node("vtkMRMLScalarVolumeNode", "CT")

    def test_without_a_volume_it_says_so(self):
        for act in (self.panel.on_segment, self.panel.on_patches, self.panel.on_classify, self.panel.on_add):
            act()
            self.assertIn("no volume is chosen", str(SLICER.failure))

    def test_the_steps_run_and_show(self):
        self.panel.volume.setCurrentNode(self.volume)
        self.panel.on_segment()
        self.panel.on_patches()
        self.panel.on_classify()
        self.assertIsNone(SLICER.failure)
        self.assertEqual([run[0] for run in SLICER.runs[-3:]], ["threshold", "patches", "classify"])
        self.assertEqual(SLICER.layers[-1][0], self.volume)
        self.assertEqual(self.panel.verdict.text, "nodule 0.75 (assessed)")

    def test_a_failing_module_is_told(self):
        self.panel.volume.setCurrentNode(self.volume)
        SLICER.status = 0x10
        self.addCleanup(setattr, SLICER, "status", 0)
        self.panel.on_classify()
        self.assertIn("what the module said", str(SLICER.failure))

    def test_a_case_goes_to_the_cohort(self):
        self.panel.volume.setCurrentNode(self.volume)
        self.panel.points.setCurrentNode(slicer_stand_in.Node("vtkMRMLMarkupsFiducialNode", "F"))
        self.panel.folder.currentPath, self.panel.case.text = str(self.folder), "c1"
        self.panel.on_add()
        self.assertIsNone(SLICER.failure)
        self.assertEqual(read_cohort(self.folder)[0]["image"], "c1.nrrd")
        self.assertTrue((self.folder / "points" / "c1.mrk.json").exists())


class TestSteps(unittest.TestCase):
    def test_every_parameter_stands_in_its_modules_description(self):
        for step in steps({}, {}).values():
            files = [p for p in MODULES.glob("*.xml") if p.stem.lower() == step.module]
            if not files:
                self.skipTest(f"{step.module} is not built")
            names = {name.text for name in ElementTree.parse(files[0]).iter("name")}
            self.assertLessEqual(set(step.parameters), names, step.title)


if __name__ == "__main__":
    unittest.main()
