# A CUDA wheel of PyTorch as the target torch. Its own TorchConfig.cmake wants a whole CUDA toolkit and nvcc; we compile no
# CUDA code, so the headers and versioned libraries that pip installs beside the wheel (site-packages/nvidia) are enough.
# One header may be missing there, crt/host_defines.h: it comes with nvcc, or alone as the package nvidia-cuda-crt.

# The site-packages/nvidia beside a torch folder when it is a CUDA wheel, else empty.
function(serval_cuda_wheel_of torch_root result)
  get_filename_component(folder "${torch_root}/../nvidia" ABSOLUTE)
  if(NOT EXISTS "${torch_root}/lib/libtorch_cuda.so" OR NOT IS_DIRECTORY "${folder}")
    set(folder "")
  endif()
  set(${result} "${folder}" PARENT_SCOPE)
endfunction()

function(serval_cuda_headers nvidia result)
  file(GLOB headers LIST_DIRECTORIES true "${nvidia}/*/include")
  find_path(SERVAL_CUDA_CRT_INCLUDE_DIR crt/host_defines.h HINTS ${headers} "$ENV{CUDA_HOME}/include" "$ENV{CUDA_PATH}/include" NO_DEFAULT_PATH)
  if(NOT SERVAL_CUDA_CRT_INCLUDE_DIR)
    # nvcc may be a script; what it says when asked for a dry run is true.
    find_program(SERVAL_NVCC nvcc PATHS /usr/local/cuda/bin)
    if(SERVAL_NVCC)
      execute_process(COMMAND "${SERVAL_NVCC}" --dryrun -x cu -E /dev/null ERROR_VARIABLE said OUTPUT_VARIABLE said)
      string(REGEX MATCHALL "-I\"?[^\" \n]+" folders "${said}")
      list(TRANSFORM folders REPLACE "^-I\"?" "")
    endif()
    find_path(SERVAL_CUDA_CRT_INCLUDE_DIR crt/host_defines.h PATHS ${folders} /usr/local/cuda/include)
  endif()
  if(NOT SERVAL_CUDA_CRT_INCLUDE_DIR)
    message(FATAL_ERROR "The CUDA wheel of torch lacks the header crt/host_defines.h, which comes with nvcc. Install it beside torch "
      "(pip install 'nvidia-cuda-crt'), or nvcc itself (pip install nvidia-cuda-nvcc; NVIDIA's Debian repository: cuda-nvcc-13-0)")
  endif()
  # The wheels' own headers first: they fit torch, those of another toolkit may not.
  set(${result} ${headers} "${SERVAL_CUDA_CRT_INCLUDE_DIR}" PARENT_SCOPE)
endfunction()

function(serval_import_cuda_wheel torch_root nvidia)
  include("${torch_root}/share/cmake/Torch/TorchConfigVersion.cmake")
  if(PACKAGE_VERSION VERSION_LESS 2.4)
    message(FATAL_ERROR "torch ${PACKAGE_VERSION} in ${torch_root} is too old; at least 2.4 is needed")
  endif()
  file(GLOB runtime "${nvidia}/*/lib/libcudart.so.*")
  if(NOT runtime)
    message(FATAL_ERROR "No libcudart.so.N lies under ${nvidia}, though ${torch_root} is a CUDA wheel; install torch again with pip")
  endif()
  serval_cuda_headers("${nvidia}" headers)
  add_library(torch INTERFACE IMPORTED GLOBAL)
  target_include_directories(torch SYSTEM INTERFACE "${torch_root}/include" "${torch_root}/include/torch/csrc/api/include" ${headers})
  target_compile_definitions(torch INTERFACE SERVAL_HAS_CUDA USE_DISTRIBUTED USE_C10D_GLOO USE_C10D_NCCL)
  # The device's operations register themselves when their library is loaded; the linker sees no use of it. The libraries
  # that it needs in turn are found through its own run path.
  target_link_libraries(torch INTERFACE "-Wl,--no-as-needed,${torch_root}/lib/libtorch_cuda.so,${torch_root}/lib/libtorch.so,--as-needed"
    "${torch_root}/lib/libtorch_cpu.so" "${torch_root}/lib/libc10_cuda.so" "${torch_root}/lib/libc10.so" ${runtime} "-Wl,--allow-shlib-undefined")
  get_filename_component(runtime_folder "${runtime}" DIRECTORY)
  set(serval_torch_library_folder "${torch_root}/lib;${runtime_folder}" PARENT_SCOPE)
  message(STATUS "LibTorch ${PACKAGE_VERSION} with CUDA, from ${torch_root}")
endfunction()
