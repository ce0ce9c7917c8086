# Installs BUILD, moves the prefix, builds and runs Consumer against it; a component that does not exist is refused.
cmake_minimum_required(VERSION 3.25)

function(run expected_code expected_text)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REGEX REPLACE "[ \n]+" " " output_line "${output}")
  if(NOT code EQUAL expected_code OR NOT output_line MATCHES "${expected_text}")
    message(FATAL_ERROR "${ARGN}\nexit code ${code}, expected ${expected_code} and '${expected_text}' in:\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE "${SCRATCH}")
run(0 "" ${CMAKE_COMMAND} --install "${BUILD}" --prefix "${SCRATCH}/first")
file(RENAME "${SCRATCH}/first" "${SCRATCH}/moved")
set(configure ${CMAKE_COMMAND} -S "${CMAKE_CURRENT_LIST_DIR}/Consumer" -G "${GENERATOR}"
  "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_PREFIX_PATH=${SCRATCH}/moved" -DCMAKE_BUILD_TYPE=Release)

run(0 "" ${configure} -B "${SCRATCH}/consumer")
run(0 "" ${CMAKE_COMMAND} --build "${SCRATCH}/consumer")
run(0 "180 cases, 1 patch of 2 x 3 x 4" "${SCRATCH}/consumer/consumer" "${DATA}/mr-hippocampus/manifest.csv"
  "${SCRATCH}/tiny.cache")
file(STRINGS "${SCRATCH}/consumer/CMakeCache.txt" heavy REGEX "^(ITK|VTK|Torch|Boost)_DIR")
if(heavy)
  message(FATAL_ERROR "Core, Dataset and Cache made a user look for ${heavy}")
endif()

run(1 "no component Nonsense here; it has: Core" ${configure} -B "${SCRATCH}/refused" -DCONSUMER_COMPONENTS=Nonsense)
run(0 "." "${SCRATCH}/moved/cli-modules/ServalSplitCases" --help)
file(REMOVE_RECURSE "${SCRATCH}")
