# The compile options of our own targets; system headers stay system headers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(SERVAL_CLI_MODULES_DIRECTORY "${PROJECT_BINARY_DIR}/cli-modules")
set(SERVAL_MANUAL_DIRECTORY "${PROJECT_BINARY_DIR}/share/man/man1")
file(MAKE_DIRECTORY "${SERVAL_MANUAL_DIRECTORY}")
set(SERVAL_SYSTEM_LIBRARIES "/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE};/usr/lib" CACHE STRING
  "Folders of the shared libraries of others that the applications are linked with")

find_program(SERVAL_CCACHE ccache)
if(SERVAL_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${SERVAL_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SERVAL_CCACHE}")
endif()

add_library(serval_options INTERFACE)
# -Wrestrict: false alarms on operator+ of strings in GCC 12 (GCC bug 105651).
target_compile_options(serval_options INTERFACE -Wall -Wextra -Wno-restrict
  $<$<BOOL:${SERVAL_WARNINGS_AS_ERRORS}>:-Werror>)
# A library that a program does not use costs its start-up.
target_link_options(serval_options INTERFACE "LINKER:--as-needed")
# DT_RPATH: LD_LIBRARY_PATH, which 3D Slicer sets for its own libraries, comes before DT_RUNPATH.
target_link_options(serval_options INTERFACE "LINKER:--disable-new-dtags")
# Units with tensor headers need 1.4 GB: no more than two at once, where more memory is not known of.
set(SERVAL_TENSOR_JOBS 2 CACHE STRING "Units with tensor headers compiled at once (with Ninja)")
set_property(GLOBAL PROPERTY JOB_POOLS tensor=${SERVAL_TENSOR_JOBS})
