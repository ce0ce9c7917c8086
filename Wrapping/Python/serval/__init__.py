"""Serval in Python: volumes, DICOM series and patch caches as NumPy arrays with their geometry."""

from ._cache import PatchCacheWriter
from ._dicom import DicomFolder, DicomSeries, list_dicom_folder
from ._errors import EnvironmentFault, ExcludedError, InputError, InternalError, ServalError, UsageError
from ._geometry import Geometry
from ._serval import PatchCache, show_paths, version
from ._volume import Volume, read_labels, read_volume, write_labels, write_volume

__all__ = [
    "DicomFolder",
    "DicomSeries",
    "EnvironmentFault",
    "ExcludedError",
    "Geometry",
    "InputError",
    "InternalError",
    "PatchCache",
    "PatchCacheWriter",
    "ServalError",
    "UsageError",
    "Volume",
    "list_dicom_folder",
    "read_labels",
    "read_volume",
    "show_paths",
    "version",
    "write_labels",
    "write_volume",
]
__version__ = version()
