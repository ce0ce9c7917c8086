#pragma once

#include "serval/Cache/NumberArray.h"
#include "serval/Patches/ImageSet.h"

namespace serval
{

/// A PNG or JPEG file as one or three channels, turned as its EXIF tag says.
std::vector<Volume> ReadPicture(const std::filesystem::path & file, ImageSetRule::Colour colour);

/// The orientation (1 to 8) in a JPEG file's EXIF block; 1 when there is none.
int ExifOrientation(const std::filesystem::path & file);

/// Images in arrays. `names` and `load` reach the arrays of one file.
ImageSet OpenArrays(const std::vector<std::string> &                        names,
                    const std::function<NumberArray(const std::string &)> & load, const ImageSetRule & rule,
                    std::vector<std::string> classNames);

/// Images in folders.
ImageSet OpenPictures(const std::filesystem::path & folder, const ImageSetRule & rule);

} // namespace serval
