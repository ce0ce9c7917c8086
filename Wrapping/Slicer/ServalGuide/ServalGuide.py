"""Guided module: choose a volume, segment it, cut patches, classify, overlay the heat map, add the case to a cohort."""

import ctk
import qt
import slicer
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleLogic, ScriptedLoadableModuleWidget

from ServalGuideLib import add_case, steps


class ServalGuide(ScriptedLoadableModule):
    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = "Serval Guide"
        parent.categories = ["Serval"]
        parent.dependencies = ["ServalSegmentByThreshold", "ServalExtractPatches", "ServalClassifyVolume"]
        parent.contributors = ["The Serval developers"]
        parent.helpText = "From a volume to a verdict in a few steps. Not a medical device; not for clinical use."
        parent.acknowledgementText = ""


class ServalGuideLogic(ScriptedLoadableModuleLogic):
    def run(self, step):
        """Runs a step's module and waits. Returns its node, or raises with what the module said."""
        node = slicer.cli.runSync(getattr(slicer.modules, step.module), None, step.given())
        if node.GetStatus() & node.ErrorsMask:
            raise RuntimeError(node.GetErrorText() or f"{step.title} failed")
        return node

    def output(self, volume, kind, suffix):
        """A new node for a result, beside its volume."""
        return slicer.mrmlScene.AddNewNodeByClass(kind, f"{volume.GetName()} {suffix}")

    def add_to_cohort(self, folder, case, patient, class_name, volume, segmentation, points):
        def save(node):
            return (lambda path: slicer.util.saveNode(node, str(path))) if node else None

        return add_case(folder, case, save(volume), save(segmentation), save(points), patient, class_name)


class ServalGuideWidget(ScriptedLoadableModuleWidget):
    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        self.logic = ServalGuideLogic()
        data = self._section("1. Volume")
        self.volume = self._selector(data, "Volume", ["vtkMRMLScalarVolumeNode"])
        self.labels = self._selector(data, "Label map", ["vtkMRMLLabelMapVolumeNode"])
        self.points = self._selector(data, "Points", ["vtkMRMLMarkupsFiducialNode"])
        work = self._section("2. Segment, cut, classify")
        self.cache = self._path(work, "Patch cache", ctk.ctkPathLineEdit.Dirs)
        self.model = self._path(work, "Model", ctk.ctkPathLineEdit.Files)
        self._button(work, "Segment by thresholds", self.on_segment)
        self._button(work, "Extract patches", self.on_patches)
        self._button(work, "Classify and overlay", self.on_classify)
        self.verdict = qt.QLabel("")
        work.addRow("Verdict", self.verdict)
        cohort = self._section("3. Add to cohort")
        self.segmentation = self._selector(cohort, "Segmentation", ["vtkMRMLSegmentationNode"])
        self.folder = self._path(cohort, "Folder", ctk.ctkPathLineEdit.Dirs)
        self.case, self.patient, self.className = qt.QLineEdit(), qt.QLineEdit(), qt.QLineEdit()
        for text, field in (("Case (pseudonym)", self.case), ("Patient (pseudonym)", self.patient), ("Class", self.className)):
            cohort.addRow(text, field)
        self._button(cohort, "Add to cohort", self.on_add)
        self.layout.addStretch(1)

    def _section(self, text):
        box = ctk.ctkCollapsibleButton()
        box.text = text
        self.layout.addWidget(box)
        return qt.QFormLayout(box)

    def _selector(self, form, text, kinds):
        box = slicer.qMRMLNodeComboBox()
        box.nodeTypes = kinds
        box.noneEnabled = True
        box.addEnabled = False
        box.setMRMLScene(slicer.mrmlScene)
        form.addRow(text, box)
        return box

    def _path(self, form, text, filters):
        line = ctk.ctkPathLineEdit()
        line.filters = filters
        form.addRow(text, line)
        return line

    def _button(self, form, text, act):
        button = qt.QPushButton(text)
        button.connect("clicked()", act)
        form.addRow(button)

    def _nodes(self, **made):
        if not self.volume.currentNode():
            raise ValueError("no volume is chosen; load a series and choose it in step 1")
        return {"volume": self.volume.currentNode(), "labels": self.labels.currentNode(), "points": self.points.currentNode(), **made}

    def _settings(self):
        return {"cache": self.cache.currentPath, "model": self.model.currentPath, "case": self.case.text or "volume"}

    def on_segment(self):
        with slicer.util.tryWithErrorDisplay("The volume could not be segmented.", waitCursor=True):
            nodes = self._nodes()
            nodes["labels"] = self.logic.output(nodes["volume"], "vtkMRMLLabelMapVolumeNode", "labels")
            self.logic.run(steps(nodes, self._settings())["segment"])
            self.labels.setCurrentNode(nodes["labels"])
            slicer.util.setSliceViewerLayers(background=nodes["volume"], label=nodes["labels"])

    def on_patches(self):
        with slicer.util.tryWithErrorDisplay("No patches could be cut.", waitCursor=True):
            nodes = self._nodes()
            nodes["centres"] = self.logic.output(nodes["volume"], "vtkMRMLMarkupsFiducialNode", "patches")
            self.logic.run(steps(nodes, self._settings())["patches"])

    def on_classify(self):
        with slicer.util.tryWithErrorDisplay("The volume could not be classified.", waitCursor=True):
            nodes = self._nodes()
            nodes["heatmap"] = self.logic.output(nodes["volume"], "vtkMRMLScalarVolumeNode", "heat map")
            node = self.logic.run(steps(nodes, self._settings())["classify"])
            self.verdict.text = f"{node.GetParameterAsString('predictedClass')} {node.GetParameterAsString('probability')} ({node.GetParameterAsString('verdict')})"
            slicer.util.setSliceViewerLayers(background=nodes["volume"], foreground=nodes["heatmap"], foregroundOpacity=0.4)

    def on_add(self):
        with slicer.util.tryWithErrorDisplay("The case was not added.", waitCursor=True):
            self._nodes()
            self.logic.add_to_cohort(self.folder.currentPath, self.case.text, self.patient.text, self.className.text, self.volume.currentNode(),
                                     self.segmentation.currentNode(), self.points.currentNode())
            slicer.util.infoDisplay(f"Case {self.case.text} stands in manifest.csv.")
