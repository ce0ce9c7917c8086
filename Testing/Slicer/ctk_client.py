"""Reads every module's description with ctk_cli, a client of the CTK family from PyPI: no parameter lost, and no warning but
the two that Slicer's own ways cost (`reference`, and results that are returned, not passed).
Usage: ctk_client.py CLI_MODULES_FOLDER. Skips (77) where ctk_cli is not installed; SERVAL_CLIENT_PYTHON names a Python that has it."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


class Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def is_slicers_way(complaint: str, results: set[str]) -> bool:
    passed = re.fullmatch(r"Parameter (\w+) cannot be passed .*", complaint)
    return bool(passed and passed[1] in results) or complaint.startswith("'reference' attribute of 'image' is not part of the spec yet")


def results_of(file: Path) -> set[str]:
    """Names of the parameters that a module hands back."""
    parameters = [p for group in ElementTree.parse(file).getroot().findall("parameters") for p in group]
    return {p.findtext("name", "") for p in parameters if p.findtext("channel") == "output" and p.find("longflag") is None and p.find("index") is None}


def read(file: Path, module: object) -> list[str]:
    root = ElementTree.parse(file).getroot()
    expected = {name.text: parameter for group in root.findall("parameters") for parameter in group for name in parameter.findall("name")}
    found = {parameter.name: parameter for group in module for parameter in group}  # type: ignore[attr-defined]
    problems = [f"{file.name}: {name} is lost" for name in expected if name not in found]
    for name, parameter in found.items():
        default = expected[name].findtext("default")
        if default and parameter.default is None:
            problems.append(f"{file.name}: the default {default} of {name} is lost")
    return problems


def main(folder: Path) -> int:
    try:
        from ctk_cli import CLIModule
    except ImportError:
        other = os.environ.get("SERVAL_CLIENT_PYTHON")
        if other and other != sys.executable:
            return subprocess.call([other, __file__, str(folder)])
        print("skipped: ctk_cli is not installed (pip install ctk-cli, or name a Python that has it by SERVAL_CLIENT_PYTHON)")
        return 77
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    files = sorted(folder.glob("*.xml"))
    problems = [problem for file in files for problem in read(file, CLIModule(str(file)))]
    results = {name for file in files for name in results_of(file)}
    problems += [complaint for complaint in complaints.said if not is_slicers_way(complaint, results)]
    print(f"{len(files)} descriptions read", *problems, sep="\n")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
