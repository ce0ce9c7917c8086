# Packages, found once. Nothing is downloaded here; Utilities/setup.sh installs what is missing.
find_package(Threads REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(HDF5 REQUIRED COMPONENTS C)
find_path(TCLAP_INCLUDE_DIR tclap/CmdLine.h REQUIRED)
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)
find_library(XXHASH_LIBRARY xxhash REQUIRED)

function(serval_import_library target)
  cmake_parse_arguments(arg "" "" "INCLUDE;LINK" ${ARGN})
  add_library(${target} INTERFACE IMPORTED)
  target_include_directories(${target} SYSTEM INTERFACE ${arg_INCLUDE})
  target_link_libraries(${target} INTERFACE ${arg_LINK})
endfunction()
serval_import_library(serval_tclap INCLUDE "${TCLAP_INCLUDE_DIR}")
serval_import_library(serval_xxhash INCLUDE "${XXHASH_INCLUDE_DIR}" LINK "${XXHASH_LIBRARY}")
serval_import_library(serval_hdf5 INCLUDE ${HDF5_C_INCLUDE_DIRS} LINK ${HDF5_C_LIBRARIES})

# Compressed patches: ISA-L (deflate), libdeflate (inflate), zstd.
foreach(name IN ITEMS isal deflate zstd)
  string(TOUPPER ${name} variable)
  find_library(${variable}_LIBRARY ${name} REQUIRED)
endforeach()
find_path(ISAL_INCLUDE_DIR isa-l.h REQUIRED)
find_path(DEFLATE_INCLUDE_DIR libdeflate.h REQUIRED)
find_path(ZSTD_INCLUDE_DIR zstd.h REQUIRED)
serval_import_library(serval_isal INCLUDE "${ISAL_INCLUDE_DIR}" LINK "${ISAL_LIBRARY}")
serval_import_library(serval_deflate INCLUDE "${DEFLATE_INCLUDE_DIR}" LINK "${DEFLATE_LIBRARY}")
serval_import_library(serval_zstd INCLUDE "${ZSTD_INCLUDE_DIR}" LINK "${ZSTD_LIBRARY}")

# PyTorch's weight files and workbooks are zip archives.
find_path(ZIP_INCLUDE_DIR zip.h REQUIRED)
find_library(ZIP_LIBRARY zip REQUIRED)
serval_import_library(serval_zip INCLUDE "${ZIP_INCLUDE_DIR}" LINK "${ZIP_LIBRARY}")

include(ServalTorch)

if(SERVAL_COMPONENTS STREQUAL "all")
  # Workbooks; liborcus names its files by its series.
  set(series 0.17 0.18 0.19 0.20 0.21)
  list(TRANSFORM series PREPEND liborcus- OUTPUT_VARIABLE folders)
  list(TRANSFORM series PREPEND orcus- OUTPUT_VARIABLE readers)
  list(TRANSFORM series PREPEND orcus-parser- OUTPUT_VARIABLE parsers)
  find_path(ORCUS_INCLUDE_DIR orcus/orcus_xlsx.hpp PATH_SUFFIXES ${folders} REQUIRED)
  find_library(ORCUS_LIBRARY NAMES ${readers} REQUIRED)
  find_library(ORCUS_PARSER_LIBRARY NAMES ${parsers} REQUIRED)
  serval_import_library(serval_orcus INCLUDE "${ORCUS_INCLUDE_DIR}" LINK "${ORCUS_LIBRARY}" "${ORCUS_PARSER_LIBRARY}")
  find_package(PNG REQUIRED)
  find_package(Boost REQUIRED)
  find_package(Eigen3 REQUIRED)
  find_package(tomlplusplus REQUIRED)
  find_path(LIBLINEAR_INCLUDE_DIR linear.h REQUIRED)
  find_library(LIBLINEAR_LIBRARY linear REQUIRED)
  find_path(LIBSVM_INCLUDE_DIR svm.h PATH_SUFFIXES libsvm REQUIRED)
  find_library(LIBSVM_LIBRARY svm REQUIRED)
  find_path(LBFGS_INCLUDE_DIR lbfgs.h REQUIRED)
  find_library(LBFGS_LIBRARY lbfgs REQUIRED)
  serval_import_library(serval_lbfgs INCLUDE "${LBFGS_INCLUDE_DIR}" LINK "${LBFGS_LIBRARY}")
  serval_import_library(serval_liblinear INCLUDE "${LIBLINEAR_INCLUDE_DIR}" LINK "${LIBLINEAR_LIBRARY}")
  serval_import_library(serval_libsvm INCLUDE "${LIBSVM_INCLUDE_DIR}" LINK "${LIBSVM_LIBRARY}")
  serval_import_library(serval_eigen INCLUDE $<TARGET_PROPERTY:Eigen3::Eigen,INTERFACE_INCLUDE_DIRECTORIES>)

  # ITK's IO factories are registered by hand (Volume), so its generated factory code is not wanted.
  set(ITK_NO_IO_FACTORY_REGISTER_MANAGER ON)
  find_package(ITK 5.2 REQUIRED COMPONENTS ITKCommon ITKImageIntensity ITKThresholding ITKConnectedComponents
    ITKLabelMap ITKMathematicalMorphology ITKBinaryMathematicalMorphology ITKSmoothing ITKIOImageBase ITKIOGDCM
    ITKIONIFTI ITKIONRRD ITKIOMeta ITKIOPNG ITKIOJPEG ITKImageGrid ITKImageFunction ITKTransform ITKBiasCorrection ITKDistanceMap)
  serval_import_library(serval_itk INCLUDE ${ITK_INCLUDE_DIRS} LINK ${ITK_LIBRARIES})
  find_package(VTK 9.1 REQUIRED COMPONENTS CommonCore CommonMath CommonTransforms CommonDataModel CommonExecutionModel
    FiltersCore FiltersGeneral ImagingCore IOImage RenderingCore RenderingFreeType RenderingOpenGL2 RenderingVolume
    RenderingUI RenderingVolumeOpenGL2)
  find_package(X11 REQUIRED)
endif()
if(SERVAL_TESTS)
  find_package(GTest REQUIRED)
endif()
