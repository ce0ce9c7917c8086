"""The example of README.md runs as it stands."""

import contextlib
import io
import os
import re
import tempfile
import unittest

import serval
from test_volume import DATA

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "README.md")


class ReadmeTest(unittest.TestCase):
    def test_the_example_runs(self):
        with open(README) as file:
            code = re.findall(r"```python\n(.*?)```", file.read(), re.S)
        self.assertEqual(len(code), 1)
        before = os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(os.path.abspath(DATA), os.path.join(folder, "Data"))
            os.chdir(folder)
            said = io.StringIO()
            try:
                with contextlib.redirect_stdout(said):
                    exec(compile(code[0], README, "exec"), {})
            finally:
                os.chdir(before)
            self.assertEqual(len(serval.PatchCache(os.path.join(folder, "lung.cache"))), 16)
        self.assertIn("(16, 1, 1, 64, 64)", said.getvalue())
