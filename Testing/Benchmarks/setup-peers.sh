#!/usr/bin/env bash
# setup-peers.sh FOLDER: a virtual environment with the programs we are measured against. torch comes first, as the others
# would take a CUDA build of it.
set -euo pipefail
python3 -m venv "$1"
"$1/bin/pip" install -q --disable-pip-version-check "torch==2.13.0"
"$1/bin/pip" install -q --disable-pip-version-check monai torchio SimpleITK itk nibabel h5py hdf5plugin scikit-image scipy \
  connected-components-3d fill-voids pydicom
