# A CUDA wheel of PyTorch as the target torch. Its own TorchConfig.cmake wants a whole CUDA toolkit and nvcc; we compile no
# CUDA code, so the headers and versioned libraries that pip installs beside the wheel (site-packages/nvidia) are enough.
# Two headers are missing there: they come with nvcc, or as the packages nvidia-cuda-crt and nvidia-cuda-cccl.

# The site-packages/nvidia beside a torch folder when it is a CUDA wheel, else empty.
function(serval_cuda_wheel_of torch_root result)
  get_filename_component(folder "${torch_root}/../nvidia" ABSOLUTE)
  if(NOT EXISTS "${torch_root}/lib/libtorch_cuda.so" OR NOT IS_DIRECTORY "${folder}")
    set(folder "")
  endif()
  set(${result} "${folder}" PARENT_SCOPE)
endfunction()

# The wheels' folders of headers first: they fit torch, those of another toolkit may not.
function(serval_cuda_headers nvidia result)
  file(GLOB headers LIST_DIRECTORIES true "${nvidia}/*/include")
  set(toolkits "$ENV{CUDA_HOME}" "$ENV{CUDA_PATH}" /usr/local/cuda)
  find_program(SERVAL_NVCC nvcc PATHS /usr/local/cuda/bin)
  if(SERVAL_NVCC) # may be a script; a dry run says where it stands
    execute_process(COMMAND "${SERVAL_NVCC}" --dryrun -x cu -E /dev/null ERROR_VARIABLE said OUTPUT_QUIET)
    if(said MATCHES "TOP=([^\n]+)")
      list(PREPEND toolkits "${CMAKE_MATCH_1}")
    endif()
  endif()
  list(TRANSFORM toolkits APPEND "/targets/x86_64-linux/include" OUTPUT_VARIABLE folders)
  list(TRANSFORM toolkits APPEND "/include")
  set(found ${headers})
  foreach(header IN ITEMS crt/host_defines.h nv/target)
    string(MAKE_C_IDENTIFIER "SERVAL_CUDA_${header}_FOLDER" variable)
    unset(${variable} CACHE) # another torch may have it
    find_path(${variable} "${header}" HINTS ${headers} PATHS ${toolkits} ${folders} NO_CMAKE_FIND_ROOT_PATH)
    mark_as_advanced(${variable})
    if(NOT ${variable})
      message(FATAL_ERROR "A CUDA wheel of torch comes without the header ${header}. Install it beside torch (pip install nvidia-cuda-crt "
        "nvidia-cuda-cccl, 5 MB), or a toolkit with nvcc (from NVIDIA's Debian repository: cuda-nvcc-13-0 and cuda-cccl-13-0) and set CUDA_HOME")
    endif()
    list(APPEND found "${${variable}}")
  endforeach()
  list(REMOVE_DUPLICATES found)
  set(${result} ${found} PARENT_SCOPE)
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
