"""Serval in Python: patch caches as NumPy arrays."""

from ._serval import PatchCache, version

__all__ = ["PatchCache", "version"]
__version__ = version()
