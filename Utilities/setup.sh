#!/usr/bin/env bash
# Installs what is missing for the build: system packages, the virtual environment build/venv, LibTorch.
# Run it, or source it and call serval_setup. Exit code 4: a person has to install or decide something first.
# SERVAL_TORCH        a LibTorch folder, or a Python that imports torch: used as it is
# Torch_DIR           the folder of a TorchConfig.cmake: used as it is
# SERVAL_TORCH_INDEX  the package index for the torch wheel (pip --index-url)
# SERVAL_CUDA         not empty: a LibTorch with CUDA, from SERVAL_TORCH, python3, or pip into build/cuda-venv
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/usage.sh"

serval_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
serval_venv="$serval_root/build/venv"
serval_python="$serval_venv/bin/python"
serval_torch_version=2.13.0
serval_cuda_venv="$serval_root/build/cuda-venv"
serval_cuda_torch_version=2.11.0
serval_cmake_minimum=3.25
serval_packages=(
  build-essential cmake ninja-build ccache git python3 python3-venv python3-dev
  libinsighttoolkit5-dev libfftw3-dev uuid-dev zlib1g-dev libvtk9-dev xvfb libgl1-mesa-dri
  libhdf5-dev libtclap-dev libgtest-dev libgmock-dev liblinear-dev libsvm-dev liblbfgs-dev nlohmann-json3-dev
  libeigen3-dev libboost-dev libxxhash-dev libssl-dev libtomlplusplus-dev
  libisal-dev libdeflate-dev libzstd-dev liborcus-dev libdcmtk-dev dcmtk libgdcm-tools libbenchmark-dev libzip-dev libgloo-dev)
serval_python_packages=(numpy nanobind h5py safetensors)
serval_test_modules=(scipy sklearn statsmodels ctk_cli) # references and clients that tests run beside Serval
serval_test_packages=(scipy scikit-learn statsmodels ctk-cli)
serval_torch_arguments=() # for cmake, set by serval_find_torch

serval_say() { printf 'serval: %s\n' "$*"; }
serval_stop() { # WHAT_IS_WRONG LINE...
  printf 'serval: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '  %s\n' "$@" >&2
  exit 4
}

# Stops on a system that the package names below are not known for.
serval_check_system() {
  [ "$(uname -s)" = Linux ] || serval_stop "this system is $(uname -s); Serval is built on Linux x86-64 (on Windows: in WSL2), macOS is not built yet"
  [ "$(uname -m)" = x86_64 ] || serval_stop "this processor is $(uname -m); Serval is built on Linux x86-64"
  local system
  system="$(. /etc/os-release 2>/dev/null && printf '%s %s' "${ID:-unknown}" "${VERSION_ID:-}")" || system=unknown
  case "$system" in
    "debian 12" | "debian 13" | "ubuntu 22.04" | "ubuntu 24.04") ;;
    *) serval_stop "this system is '$system'; known are Debian 12 and 13, Ubuntu 22.04 and 24.04. Needed, by Debian's names:" \
      "${serval_packages[*]}" "and Python packages: ${serval_python_packages[*]} torch==$serval_torch_version" ;;
  esac
}

serval_missing_packages() {
  local installed
  installed="$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${serval_packages[@]}" 2>/dev/null | sed -n 's/^installed //p')" || true
  printf '%s\n' "${serval_packages[@]}" | grep -vxF -e "$installed" || true
}

serval_free_megabytes() { df -Pm "$1" | awk 'NR == 2 { print $4 }'; }

# serval_announce WHAT DOWNLOAD_MB DISK_MB FOLDER: says the sizes, stops when the disk is too small.
serval_announce() {
  local free
  free="$(serval_free_megabytes "$4")"
  serval_say "$1: download $2 MB, disk $3 MB (free on $4: $free MB)"
  [ "$free" -gt $(($2 + $3)) ] || serval_stop "too little disk on $4: $free MB free, $(($2 + $3)) MB needed"
}

# Prints "DOWNLOAD_MB DISK_MB" of the packages that apt would install for the given ones; fails when apt cannot.
serval_apt_sizes() {
  local planned
  planned="$(LC_ALL=C apt-get -s install --no-install-recommends "$@" 2>/dev/null | awk '/^Inst / { print $2 }')" || return 1
  [ -n "$planned" ] || return 1
  # shellcheck disable=SC2086 # one word a package
  LC_ALL=C apt-cache show --no-all-versions $planned |
    awk '/^Size: / { d += $2 } /^Installed-Size: / { i += $2 } END { printf "%d %d\n", d / 1e6 + 1, i / 1e3 + 1 }'
}

serval_install_packages() {
  local missing=("$@") sizes line as_root=()
  line="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      serval_stop "system packages are missing and this account may not install them. For the administrator:" "$line"
    fi
    as_root=(sudo)
  fi
  if ! sizes="$(serval_apt_sizes "${missing[@]}")"; then
    serval_announce "apt's package lists" 50 300 /
    "${as_root[@]}" apt-get update -q
    sizes="$(serval_apt_sizes "${missing[@]}")" ||
      serval_stop "apt cannot install ${missing[*]} (apt-get -s install tells why; Ubuntu needs 'universe')"
  fi
  # shellcheck disable=SC2086 # two numbers
  serval_announce "system packages (${missing[*]} and what they need)" $sizes /
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}")
  if ! "${as_root[@]}" "${install[@]}"; then
    serval_say "apt failed; once more with fresh package lists"
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" "${install[@]}" || serval_stop "apt could not install the packages. By hand:" "$line"
  fi
}

# The project's own environment; a user's is never touched.
serval_make_venv() {
  [ -x "$serval_python" ] && "$serval_python" -m pip --version >/dev/null 2>&1 && return
  local python
  for python in python3 /usr/bin/python3; do
    rm -rf "$serval_venv"
    mkdir -p "$serval_root/build"
    "$python" -m venv "$serval_venv" >/dev/null 2>&1 && "$serval_python" -m pip --version >/dev/null 2>&1 && return
  done
  rm -rf "$serval_venv"
  serval_stop "no virtual environment can be made: neither python3 nor /usr/bin/python3 has venv with pip" \
    "For the administrator: apt-get install -y --no-install-recommends python3-venv"
}

# serval_pip SAID DOWNLOAD_MB DISK_MB ARGUMENTS...
serval_pip() {
  serval_make_venv
  serval_announce "$1, into build/venv" "$2" "$3" "$serval_root"
  "$serval_python" -m pip install -q --disable-pip-version-check "${@:4}"
}

serval_python_has() { # PYTHON MODULE...
  [ -x "$(command -v "$1")" ] &&
    "$1" -c 'import sys; from importlib.util import find_spec as f; sys.exit(not all(map(f, sys.argv[1:])))' "${@:2}" 2>/dev/null
}

# serval_torch_folder PYTHON: the folder of its torch when C++ can build against it.
serval_torch_folder() {
  local folder
  folder="$("$1" -c 'from importlib.util import find_spec as f; print(f("torch").submodule_search_locations[0])' 2>/dev/null)" || return 1
  [ -f "$folder/share/cmake/Torch/TorchConfig.cmake" ] && printf '%s' "$folder"
}

# serval_cuda_torch_folder PYTHON_OR_FOLDER: the same, where it has CUDA.
serval_cuda_torch_folder() {
  local folder
  if [ -d "$1" ]; then folder="$(cd "$1" && pwd)"; else folder="$(serval_torch_folder "$1")" || return 1; fi
  [ -f "$folder/lib/libtorch_cuda.so" ] && printf '%s' "$folder"
}

# Compiling needs two packages of headers beside torch; nvcc is not needed.
serval_find_cuda_torch() {
  local python folder
  for python in ${SERVAL_TORCH:+"$SERVAL_TORCH"} python3 "$serval_cuda_venv/bin/python"; do
    if folder="$(serval_cuda_torch_folder "$python")"; then
      serval_torch_arguments=("-DSERVAL_TORCH=$folder")
      return
    fi
    [ "$python" != "${SERVAL_TORCH:-}" ] || serval_stop "SERVAL_TORCH is '$python', which is neither a LibTorch folder nor a Python with CUDA; leave it unset to install one"
  done
  serval_announce "torch $serval_cuda_torch_version with CUDA, into build/cuda-venv" 2500 5000 "$serval_root"
  rm -rf "$serval_cuda_venv"
  python3 -m venv "$serval_cuda_venv" && "$serval_cuda_venv/bin/python" -m pip install -q --disable-pip-version-check \
    ${SERVAL_TORCH_INDEX:+--extra-index-url "$SERVAL_TORCH_INDEX"} "torch==$serval_cuda_torch_version" nvidia-cuda-crt nvidia-cuda-cccl ||
    serval_stop "pip could not install a CUDA torch $serval_cuda_torch_version (its words are above); SERVAL_TORCH can name a Python that has one"
  folder="$(serval_cuda_torch_folder "$serval_cuda_venv/bin/python")" ||
    serval_stop "the torch that pip installed has no CUDA; SERVAL_TORCH_INDEX can name an index that has it"
  serval_torch_arguments=("-DSERVAL_TORCH=$folder")
}

serval_find_torch() {
  local folder=""
  if [ -n "${SERVAL_CUDA:-}" ]; then
    serval_find_cuda_torch
    return
  fi
  if [ -n "${SERVAL_TORCH:-}" ]; then
    if [ -d "$SERVAL_TORCH" ]; then folder="$(cd "$SERVAL_TORCH" && pwd)"; else folder="$(serval_torch_folder "$SERVAL_TORCH")" || true; fi
    [ -f "$folder/share/cmake/Torch/TorchConfig.cmake" ] ||
      serval_stop "SERVAL_TORCH is '$SERVAL_TORCH', which is neither a LibTorch folder nor a Python that imports torch"
  elif [ -n "${Torch_DIR:-}" ]; then
    [ -f "$Torch_DIR/TorchConfig.cmake" ] || serval_stop "Torch_DIR is '$Torch_DIR', which holds no TorchConfig.cmake"
    serval_torch_arguments=(-DSERVAL_TORCH= "-DTorch_DIR=$Torch_DIR")
    return
  elif ! folder="$(serval_torch_folder python3)" && ! folder="$(serval_torch_folder "$serval_python")"; then
    serval_install_torch
    folder="$(serval_torch_folder "$serval_python")" || serval_stop "the torch wheel in build/venv has no TorchConfig.cmake"
  fi
  serval_torch_arguments=("-DSERVAL_TORCH=$folder")
}

serval_install_torch() {
  if [ -n "${SERVAL_TORCH_INDEX:-}" ]; then
    serval_pip "torch $serval_torch_version from SERVAL_TORCH_INDEX (sizes of the CPU wheel)" 230 1000 \
      --index-url "$SERVAL_TORCH_INDEX" "torch==$serval_torch_version" && return
  else
    serval_pip "torch $serval_torch_version, CPU" 230 1000 "torch==$serval_torch_version+cpu" && return
  fi
  serval_stop "pip found no CPU wheel of torch $serval_torch_version. Either set SERVAL_TORCH_INDEX to an index that has it" \
    "(PyTorch's installation page names the one for Linux, pip, CPU), or set SERVAL_TORCH to a LibTorch folder of 2.4 or newer"
}

# Ubuntu 22.04 has an older CMake than the presets need.
serval_find_cmake() {
  local found
  [ -x "$serval_venv/bin/cmake" ] && PATH="$serval_venv/bin:$PATH"
  found="$(cmake --version 2>/dev/null | awk 'NR == 1 { print $3 }')" || true
  if [ "$(printf '%s\n' "$serval_cmake_minimum" "${found:-0}" | sort -V | head -n 1)" != "$serval_cmake_minimum" ]; then
    serval_pip "CMake (found: ${found:-none}, needed: $serval_cmake_minimum)" 30 100 "cmake>=$serval_cmake_minimum"
    PATH="$serval_venv/bin:$PATH"
  fi
}

serval_setup() {
  local missing
  serval_check_system
  mapfile -t missing < <(serval_missing_packages)
  if [ "${#missing[@]}" -gt 0 ]; then serval_install_packages "${missing[@]}"; fi
  if ! serval_python_has "$serval_python" "${serval_python_packages[@]}"; then
    serval_pip "Python packages ${serval_python_packages[*]}" 30 120 "${serval_python_packages[@]}" ||
      serval_stop "pip could not install ${serval_python_packages[*]} (its words are above)"
  fi
  serval_find_torch
  serval_find_cmake
}

# Without them their tests are skipped, with the reason.
serval_setup_tests() {
  serval_python_has "$serval_python" "${serval_test_modules[@]}" ||
    serval_pip "Python packages for tests: ${serval_test_packages[*]}" 90 380 "${serval_test_packages[@]}" ||
    serval_say "pip could not install ${serval_test_packages[*]} (its words are above); the tests that need them are skipped"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  serval_usage "$@"
  serval_setup
  serval_say "everything is installed"
fi
