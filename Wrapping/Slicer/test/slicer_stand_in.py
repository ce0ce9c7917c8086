"""A stand-in for 3D Slicer with the names and parameters that its own source gives the functions we call (Base/Python/slicer:
cli.py, util.py, ScriptedLoadableModule.py; the node classes). A call that Slicer does not have, or with other parameters, fails."""

from __future__ import annotations

import contextlib
import sys
import types
from pathlib import Path


class Widget:
    """Any Qt, CTK or qMRML widget, with the properties that we set."""

    Dirs, Files = "Dirs", "Files"
    allowed = {"text", "nodeTypes", "noneEnabled", "addEnabled", "filters", "currentPath", "node", "rows"}

    def __init__(self, *arguments):
        self.__dict__.update(text=arguments[0] if arguments and isinstance(arguments[0], str) else "", currentPath="", node=None, rows=[])

    def __setattr__(self, name, value):
        if name not in self.allowed:
            raise AttributeError(f"a widget has no property {name}")
        self.__dict__[name] = value

    def addWidget(self, widget): ...
    def addStretch(self, stretch=0): ...
    def addRow(self, *row): self.rows.append(row)
    def connect(self, signal, slot): self.__dict__["slot"] = slot
    def setMRMLScene(self, scene): ...
    def currentNode(self): return self.node
    def setCurrentNode(self, node): self.__dict__["node"] = node


class Node:
    ErrorsMask = 0x10

    def __init__(self, kind, name):
        self.kind, self.name, self.status, self.results = kind, name, 0, {}

    def GetName(self): return self.name
    def GetStatus(self): return self.status
    def GetErrorText(self): return "what the module said"
    def GetParameterAsString(self, name): return self.results[name]


class Scene:
    def AddNewNodeByClass(self, className, nodeBaseName=""): return Node(className, nodeBaseName)


class ScriptedLoadableModule:
    def __init__(self, parent): self.parent = parent


class ScriptedLoadableModuleLogic:
    def __init__(self, parent=None): ...


class ScriptedLoadableModuleWidget:
    def __init__(self, parent=None):
        self.layout = Widget()

    def setup(self): ...


class Slicer:
    """What was called, and what it answers."""

    def __init__(self):
        self.runs, self.layers, self.saved, self.told, self.failure, self.status = [], [], [], [], None, 0

    def runSync(self, module, node=None, parameters=None, delete_temporary_files=True, update_display=True):
        self.runs.append((module, parameters))
        result = Node("vtkMRMLCommandLineModuleNode", module)
        result.status = self.status
        result.results = {"predictedClass": "nodule", "probability": "0.75", "verdict": "assessed"}
        return result

    def setSliceViewerLayers(self, background="keep-current", foreground="keep-current", label="keep-current", foregroundOpacity=None, labelOpacity=None,
                             fit=False, rotateToVolumePlane=False):
        self.layers.append((background, foreground, label))

    def saveNode(self, node, filename, properties={}):
        self.saved.append(filename)
        Path(filename).write_text(node.name)
        return True

    def infoDisplay(self, text, windowTitle=None, parent=None, standardButtons=None, **kwargs):
        self.told.append(text)

    @contextlib.contextmanager
    def tryWithErrorDisplay(self, message=None, show=True, waitCursor=False):
        self.failure = None
        try:
            yield
        except Exception as failure:
            self.failure = failure


def install() -> Slicer:
    """Puts the stand-ins where `import slicer`, `qt` and `ctk` find them."""
    now = Slicer()
    slicer = types.ModuleType("slicer")
    slicer.cli = types.SimpleNamespace(runSync=now.runSync)
    slicer.util = types.SimpleNamespace(setSliceViewerLayers=now.setSliceViewerLayers, saveNode=now.saveNode, infoDisplay=now.infoDisplay,
                                        tryWithErrorDisplay=now.tryWithErrorDisplay)
    slicer.modules = types.SimpleNamespace(servalsegmentbythreshold="threshold", servalextractpatches="patches", servalclassifyvolume="classify")
    slicer.mrmlScene, slicer.qMRMLNodeComboBox = Scene(), Widget
    base = types.ModuleType("slicer.ScriptedLoadableModule")
    for one in (ScriptedLoadableModule, ScriptedLoadableModuleLogic, ScriptedLoadableModuleWidget):
        setattr(base, one.__name__, one)
    qt, ctk = types.ModuleType("qt"), types.ModuleType("ctk")
    for name in ("QLabel", "QLineEdit", "QPushButton", "QFormLayout"):
        setattr(qt, name, Widget)
    for name in ("ctkCollapsibleButton", "ctkPathLineEdit"):
        setattr(ctk, name, Widget)
    sys.modules.update({"slicer": slicer, "slicer.ScriptedLoadableModule": base, "qt": qt, "ctk": ctk})
    return now
