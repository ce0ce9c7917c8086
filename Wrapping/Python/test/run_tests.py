"""Runs every test beside it; exit status 77 when NumPy is missing. SERVAL_CLI_MODULES names the folder of the executables."""

import os
import sys
import unittest

try:
    import numpy  # noqa: F401
except ImportError:
    print("skipped: NumPy is not installed for", sys.executable)
    sys.exit(77)

tests = unittest.defaultTestLoader.discover(os.path.dirname(os.path.abspath(__file__)))
result = unittest.TextTestRunner(verbosity=2).run(tests)
sys.exit(not result.wasSuccessful() or result.testsRun == 0)
