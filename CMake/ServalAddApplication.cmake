# serval_add_application(ServalSplitCases VERB split LIBRARIES serval::Dataset [LEARNING])
# An executable and Slicer CLI module in cli-modules/, its XML beside it, its manual page, and a verb of bin/serval.
# The run path names the folders of the system's libraries too: a host's LD_LIBRARY_PATH leads to other versions.
function(serval_add_application name)
  cmake_parse_arguments(arg "LEARNING" "VERB" "LIBRARIES" ${ARGN})
  add_executable(${name} ${name}.cxx)
  target_link_libraries(${name} PRIVATE serval_options serval::CommandLine ${arg_LIBRARIES})
  serval_heavy_libraries_of(heavy ${arg_LIBRARIES})
  if("torch" IN_LIST heavy)
    message(FATAL_ERROR "${name} links LibTorch; an application loads libservalLearning after its arguments are checked")
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${SERVAL_CLI_MODULES_DIRECTORY}"
    INSTALL_RPATH "$ORIGIN/../lib;${SERVAL_SYSTEM_LIBRARIES}" BUILD_WITH_INSTALL_RPATH ON)
  if(arg_LEARNING)
    add_dependencies(${name} servalLearning)
  endif()
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${name} --xml > "${SERVAL_CLI_MODULES_DIRECTORY}/${name}.xml"
    COMMAND ${name} --man > "${SERVAL_MANUAL_DIRECTORY}/serval-${arg_VERB}.1" VERBATIM)
  install(TARGETS ${name} RUNTIME DESTINATION cli-modules)
  install(FILES "${SERVAL_CLI_MODULES_DIRECTORY}/${name}.xml" DESTINATION cli-modules)
  install(FILES "${SERVAL_MANUAL_DIRECTORY}/serval-${arg_VERB}.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
  set_property(GLOBAL APPEND PROPERTY SERVAL_VERBS "${arg_VERB}=${name}")
endfunction()
