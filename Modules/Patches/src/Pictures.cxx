#include "ImageSources.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"

#include <itkJPEGImageIO.h>
#include <itkPNGImageIO.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fstream>
#include <map>
#include <regex>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

std::string ExtensionOf(const fs::path & file)
{
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  return extension;
}

bool IsJpeg(const fs::path & file)
{
  return ExtensionOf(file) == ".jpg" || ExtensionOf(file) == ".jpeg";
}
bool IsPicture(const fs::path & file)
{
  return ExtensionOf(file) == ".png" || IsJpeg(file);
}

/// Interleaved components of a picture.
struct Pixels
{
  std::int64_t      width = 0, height = 0;
  std::size_t       components = 1;
  std::vector<char> bytes;
  bool              is16 = false;

  double At(std::size_t pixel, std::size_t component) const
  {
    const std::size_t at = pixel * components + component;
    return is16 ? reinterpret_cast<const std::uint16_t *>(bytes.data())[at]
                : reinterpret_cast<const std::uint8_t *>(bytes.data())[at];
  }
};

Pixels ReadPixels(const fs::path & file)
{
  itk::ImageIOBase::Pointer io;
  if (IsJpeg(file))
    io = itk::JPEGImageIO::New();
  else
    io = itk::PNGImageIO::New();
  try
  {
    Require(io->CanReadFile(file.c_str()), Fault::Input, "'", Shown(file), "' is no ", IsJpeg(file) ? "JPEG" : "PNG",
            " file");
    io->SetFileName(file.string());
    io->ReadImageInformation();
    Pixels pixels{ std::int64_t(io->GetDimensions(0)),
                   std::int64_t(io->GetDimensions(1)),
                   io->GetNumberOfComponents(),
                   {},
                   io->GetComponentSize() == 2 };
    Require(pixels.width > 0 && pixels.height > 0 && pixels.width * pixels.height < (1LL << 30) &&
              pixels.components > 0,
            Fault::Input, "'", Shown(file), "' has an impossible size");
    pixels.bytes.resize(static_cast<std::size_t>(io->GetImageSizeInBytes()));
    io->Read(pixels.bytes.data());
    return pixels;
  }
  catch (const itk::ExceptionObject &)
  {
    Fail(Fault::Input, "'", Shown(file), "' is damaged");
  }
}

template <typename T>
std::vector<T> Channel(const Pixels & pixels, ImageSetRule::Colour colour, std::size_t channel)
{
  const bool     isColour = pixels.components >= 3; // two: grey with alpha, which is left out like a fourth
  std::vector<T> voxels;
  for (std::size_t n = 0; n < static_cast<std::size_t>(pixels.width * pixels.height); ++n)
    if (isColour && colour == ImageSetRule::Colour::Grey)
      voxels.push_back(
        static_cast<T>(std::lround(0.299 * pixels.At(n, 0) + 0.587 * pixels.At(n, 1) + 0.114 * pixels.At(n, 2))));
    else
      voxels.push_back(static_cast<T>(pixels.At(n, isColour ? channel : 0)));
  return voxels;
}

// The stored picture turned upright; EXIF 2.32, orientation 1 to 8.
Pixels Upright(const Pixels & stored, int orientation)
{
  const bool isSwapped = orientation >= 5,
             flipsX = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7,
             flipsY = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  Pixels upright = stored;
  if (isSwapped)
    std::swap(upright.width, upright.height);
  const std::size_t size = stored.components * (stored.is16 ? 2 : 1);
  for (std::int64_t y = 0; y < upright.height; ++y)
    for (std::int64_t x = 0; x < upright.width; ++x)
    {
      const std::int64_t u = flipsX ? upright.width - 1 - x : x, v = flipsY ? upright.height - 1 - y : y;
      const auto         from = static_cast<std::size_t>(isSwapped ? v + stored.width * u : u + stored.width * v);
      std::copy_n(stored.bytes.begin() + std::ptrdiff_t(from * size), size,
                  upright.bytes.begin() + std::ptrdiff_t(static_cast<std::size_t>(x + upright.width * y) * size));
    }
  return upright;
}

// Orientation in a TIFF block, the body of an EXIF segment.
int OrientationIn(const std::string & tiff)
{
  const bool isBig = tiff.starts_with("MM");
  const auto number = [&](std::size_t at, std::size_t size) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < size && at + size <= tiff.size(); ++i)
      value |= std::size_t(static_cast<unsigned char>(tiff[at + i])) << 8 * (isBig ? size - 1 - i : i);
    return value;
  };
  const std::size_t first = number(4, 4), entries = number(first, 2);
  for (std::size_t i = 0; i < std::min<std::size_t>(entries, 1000); ++i)
    if (const std::size_t at = first + 2 + 12 * i; number(at, 2) == 0x0112)
    {
      const auto orientation = static_cast<int>(number(at + 8, 2));
      return orientation >= 1 && orientation <= 8 ? orientation : 1;
    }
  return 1;
}

// The first group of a pattern in a file's name within the set.
std::string FoundIn(const std::string & name, const std::string & pattern, const std::string & what, const fs::path & file)
{
  std::smatch match;
  Require(std::regex_search(name, match, std::regex(pattern)) && match.size() > 1, Fault::Input, "--", what, "Pattern '", pattern, "' finds no ", what, " in the name of '", Shown(file),
          "'; its first group in brackets is the ", what);
  return match[1].str();
}

// Of each file. A name in several places may be one class (train/normal, test/normal) or several (liver/tumour, kidney/tumour).
std::vector<std::string> ClassesOf(const std::vector<fs::path> & files, const fs::path & folder, const ImageSetRule & rule)
{
  std::vector<std::string>        classes;
  std::map<std::string, fs::path> placeOf;
  for (const auto & file : files)
  {
    const auto name = file.lexically_relative(folder).generic_string();
    classes.push_back(rule.classPattern.empty() ? file.parent_path().filename().string() : FoundIn(name, rule.classPattern, "class", file));
    const auto & place = placeOf.emplace(classes.back(), file.parent_path()).first->second;
    Require(!rule.classPattern.empty() || place == file.parent_path(), Fault::Input, "two folders of the set '", Shown(folder), "' are called '", classes.back(), "': ", Shown(place), " and ",
            Shown(file.parent_path()), "; say whether they are one class: --classPattern '([^/]+)/[^/]+$' takes them for one, '^(.+)/[^/]+$' for two, named with what lies above");
  }
  return classes;
}

} // namespace

int ExifOrientation(const fs::path & file)
{
  const std::string bytes = ReadTextFile(file);
  const auto        byte = [&](std::size_t at) {
    return at < bytes.size() ? std::size_t(static_cast<unsigned char>(bytes[at])) : 0;
  };
  for (std::size_t at = 2; byte(0) == 0xff && byte(1) == 0xd8 && byte(at) == 0xff && byte(at + 1) != 0xda;)
  { // marker, length with its own two bytes, body
    const std::size_t length = byte(at + 2) << 8 | byte(at + 3);
    if (byte(at + 1) == 0xe1 && bytes.compare(at + 4, 6, std::string("Exif\0\0", 6)) == 0 && length > 8)
      return OrientationIn(bytes.substr(at + 10, length - 8));
    at += 2 + std::max<std::size_t>(length, 2);
  }
  return 1;
}

std::vector<Volume> ReadPicture(const fs::path & file, ImageSetRule::Colour colour)
{
  Pixels pixels = ReadPixels(file);
  if (const int orientation = IsJpeg(file) ? ExifOrientation(file) : 1; orientation > 1)
    pixels = Upright(pixels, orientation);
  const Geometry      geometry{ { pixels.width, pixels.height, 1 }, {}, {} };
  std::vector<Volume> channels;
  for (std::size_t c = 0; c < (colour == ImageSetRule::Colour::Rgb ? 3 : 1); ++c)
    channels.push_back(pixels.is16 ? Volume{ geometry, Channel<std::uint16_t>(pixels, colour, c), "" }
                                   : Volume{ geometry, Channel<std::uint8_t>(pixels, colour, c), "" });
  return channels;
}

ImageSet OpenPictures(const fs::path & folder, const ImageSetRule & rule)
{
  std::vector<fs::path> files;
  for (const auto & entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && IsPicture(entry.path()))
      files.push_back(entry.path());
  Require(!files.empty(), Fault::Input, "the folder '", Shown(folder), "' holds no PNG or JPEG file");
  std::sort(files.begin(), files.end());
  ImageSet   set;
  const auto classes = ClassesOf(files, folder, rule);
  set.classNames = classes;
  std::sort(set.classNames.begin(), set.classNames.end());
  set.classNames.erase(std::unique(set.classNames.begin(), set.classNames.end()), set.classNames.end());
  for (std::size_t i = 0; i < files.size(); ++i)
  {
    const auto name = files[i].lexically_relative(folder).generic_string();
    const auto found = std::lower_bound(set.classNames.begin(), set.classNames.end(), classes[i]);
    set.images.push_back({ name, rule.patientPattern.empty() ? name : FoundIn(name, rule.patientPattern, "patient", files[i]), static_cast<int>(found - set.classNames.begin()) });
  }
  set.hasPatients = !rule.patientPattern.empty();
  set.read = [files, colour = rule.colour](std::size_t n) {
    return CaseImages{ ReadPicture(files[n], colour), {}, {}, {}, -1 };
  };
  return set;
}

} // namespace serval
