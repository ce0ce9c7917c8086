#pragma once

#include "serval/Patches/CutPatches.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace serval
{

/// One image of a set. Without known patients, each image is its own.
struct SetImage
{
  std::string id, patient;
  int         classIndex = -1;
};

/// Labelled 2D (or small 3D) images.
struct ImageSet
{
  std::vector<std::string>               classNames;
  std::vector<SetImage>                  images;
  bool                                   hasPatients = false;
  bool                                   hasSegmentation = false;
  std::function<CaseImages(std::size_t)> read; ///< one image: its channels and its segmentation; safe in threads
};

/// A folder of PNG and JPEG files (the class is the name of the folder that holds them, which no folder elsewhere may have, or
/// what classPattern finds; EXIF orientation is applied), a .npz file (MedMNIST's layout: PART_images, PART_labels) or an HDF5 file (`images` [N,C,H,W] or [N,H,W],
/// `labels` [N], [N,1] or of the images' shape: a segmentation). `classNames` names labels 0, 1, 2, ... of arrays;
/// numbers when empty. Fault::Input names what is missing; with `perClass`, which class has too few images.
ImageSet OpenImageSet(const std::filesystem::path & path, const ImageSetRule & rule,
                      std::vector<std::string> classNames, std::uint64_t seed);

} // namespace serval
