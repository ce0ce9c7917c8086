# serval_add_application(ServalSplitCases VERB split LIBRARIES serval::Dataset [LEARNING])
# An executable and Slicer CLI module in cli-modules/, its XML beside it, and a verb of bin/serval.
function(serval_add_application name)
  if(NOT EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${name}.cxx") # remove once all applications are there
    return()
  endif()
  cmake_parse_arguments(arg "LEARNING" "VERB" "LIBRARIES" ${ARGN})
  add_executable(${name} ${name}.cxx)
  target_link_libraries(${name} PRIVATE serval_options serval::CommandLine ${arg_LIBRARIES})
  serval_heavy_libraries_of(heavy ${arg_LIBRARIES})
  if("torch" IN_LIST heavy)
    message(FATAL_ERROR "${name} links LibTorch; an application loads libservalLearning after its arguments are checked")
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${SERVAL_CLI_MODULES_DIRECTORY}"
    INSTALL_RPATH "$ORIGIN/../lib")
  if(arg_LEARNING)
    add_dependencies(${name} servalLearning)
  endif()
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${name} --xml > "${SERVAL_CLI_MODULES_DIRECTORY}/${name}.xml" VERBATIM)
  install(TARGETS ${name} RUNTIME DESTINATION cli-modules)
  install(FILES "${SERVAL_CLI_MODULES_DIRECTORY}/${name}.xml" DESTINATION cli-modules)
  set_property(GLOBAL APPEND PROPERTY SERVAL_VERBS "${arg_VERB}=${name}")
endfunction()
