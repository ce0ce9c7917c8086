# cmake --install: headers and static libraries of the modules, and find_package(Serval COMPONENTS ...).
# Each module is its own export set, so that a user of Core needs what Core needs and no more.
include(CMakePackageConfigHelpers)
set(serval_package_directory "lib/cmake/Serval")

# The modules and the libraries of others that a target links, looking into $<LINK_ONLY:...>; build-only items left out.
function(serval_link_items target modules_result libraries_result)
  set(modules "")
  set(libraries "")
  get_target_property(items ${target} INTERFACE_LINK_LIBRARIES)
  foreach(item IN LISTS items)
    string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" item "${item}")
    if(item MATCHES "^serval::(.+)$")
      list(APPEND modules ${CMAKE_MATCH_1})
    elseif(item AND NOT item MATCHES "BUILD_INTERFACE")
      list(APPEND libraries "${item}")
    endif()
  endforeach()
  set(${modules_result} "${modules}" PARENT_SCOPE)
  set(${libraries_result} "${libraries}" PARENT_SCOPE)
endfunction()

set(SERVAL_PACKAGE_COMPONENTS "")
foreach(module IN LISTS SERVAL_MODULES)
  if(NOT TARGET serval${module})
    continue()
  endif()
  install(TARGETS serval${module} EXPORT Serval${module} ARCHIVE DESTINATION lib)
  install(EXPORT Serval${module} NAMESPACE serval:: FILE Serval${module}Targets.cmake
    DESTINATION ${serval_package_directory})
  if(IS_DIRECTORY "${PROJECT_SOURCE_DIR}/Modules/${module}/include")
    install(DIRECTORY "${PROJECT_SOURCE_DIR}/Modules/${module}/include/" DESTINATION include)
  endif()
  serval_link_items(serval${module} modules libraries)
  string(APPEND SERVAL_PACKAGE_COMPONENTS
    "set(serval_modules_of_${module} ${modules})\nset(serval_libraries_of_${module} ${libraries})\n"
    "list(APPEND serval_known ${module})\n")
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION ${CMAKE_INSTALL_DOCDIR})

configure_package_config_file(CMake/ServalConfig.cmake.in "${PROJECT_BINARY_DIR}/ServalConfig.cmake"
  INSTALL_DESTINATION ${serval_package_directory})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/ServalConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/ServalConfig.cmake" "${PROJECT_BINARY_DIR}/ServalConfigVersion.cmake"
  CMake/ServalFindLibrary.cmake DESTINATION ${serval_package_directory})
