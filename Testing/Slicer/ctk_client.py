"""Reads every module's description with ctk_cli, a client of the CTK family from PyPI: no warning, no parameter lost.
Usage: ctk_client.py CLI_MODULES_FOLDER. Skips (77) where ctk_cli is not installed; SERVAL_CLIENT_PYTHON names a Python that has it."""

from __future__ import annotations

import logging
import os
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
    problems = [problem for file in files for problem in read(file, CLIModule(str(file)))] + complaints.said
    print(f"{len(files)} descriptions read", *problems, sep="\n")
    return 1 if problems or not files else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
