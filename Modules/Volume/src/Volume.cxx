#include "serval/Volume/Volume.h"

#include "DicomElements.h"
#include "DicomVolume.h"
#include "ImageFile.h"
#include "serval/Volume/SlicerSegmentation.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Text.h"

#include <bit>
#include <cmath>
#include <span>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

std::string IndexText(std::size_t position, const Extent & extent)
{
  const auto at = static_cast<std::int64_t>(position);
  return Concat('(', at % extent.x, ", ", at / extent.x % extent.y, ", ", at / (extent.x * extent.y), ')');
}

void RequireFinite(const Volume & volume, const fs::path & path)
{
  const auto * voxels = std::get_if<std::vector<float>>(&volume.voxels);
  if (!voxels)
    return;
  std::uint32_t found = 0; // one quick pass: a full exponent is what is not finite
  for (const float v : *voxels)
    found |= (std::bit_cast<std::uint32_t>(v) & 0x7f800000U) == 0x7f800000U;
  if (found == 0)
    return;
  std::size_t count = 0, first = 0;
  for (std::size_t i = 0; i < voxels->size(); ++i)
    if (!std::isfinite((*voxels)[i]) && count++ == 0)
      first = i;
  Require(count == 0, Fault::Input, Shown(path), " has ", count, count == 1 ? " voxel" : " voxels",
          " that are not finite numbers (NaN or infinite), the first at index ", IndexText(first, volume.geometry.extent),
          "; repair the volume first");
}

// A DICOM file or folder; Fault::Input when nothing that can be read is there.
bool IsDicom(const fs::path & path)
{
  SilenceLibraries();
  std::error_code failure;
  Require(fs::exists(path, failure), Fault::Input, "the volume ", Shown(path), " does not exist");
  const bool isFolder = fs::is_directory(path);
  Require(isFolder || fs::is_regular_file(path), Fault::Input, Shown(path), " is neither a file nor a folder");
  Require(isFolder || fs::file_size(path) > 0, Fault::Input, "the volume ", Shown(path), " is an empty file");
  return isFolder || IsDicomFile(path);
}

template <typename T>
std::uint16_t AsLabel(T value, std::size_t position, const Extent & extent, const fs::path & path)
{
  const double number = static_cast<double>(value);
  if (!(number >= 0 && number <= 65535 && number == std::floor(number))) // the words are made for a failure only
    Fail(Fault::Input, "the segmentation ", Shown(path), " holds ", number, " at index ", IndexText(position, extent),
         "; whole numbers 0 to 65535 are expected");
  return static_cast<std::uint16_t>(value);
}

} // namespace

std::vector<float> Volume::AsFloat() const
{
  return std::visit([](const auto & v) { return std::vector<float>(v.begin(), v.end()); }, voxels);
}

Volume ReadVolume(const fs::path & path, const ReadOptions & options)
{
  Volume volume = IsDicom(path) ? ReadDicom(path, options) : ReadImageFile(path, options);
  if (!options.allowNotFinite)
    RequireFinite(volume, path);
  return volume;
}

std::vector<Volume> ReadChannels(const fs::path & path, const ReadOptions & options)
{
  std::vector<Volume> volumes;
  if (IsDicom(path))
    volumes.push_back(ReadDicom(path, options));
  else
    volumes = ReadImageChannels(path, options);
  if (!options.allowNotFinite)
    for (const auto & volume : volumes)
      RequireFinite(volume, path);
  return volumes;
}

Geometry ReadGeometry(const fs::path & path, const ReadOptions & options)
{
  return IsDicom(path) ? ReadDicom(path, options).geometry : ReadImageGeometry(path, options);
}

LabelVolume ReadLabels(const fs::path & path, const ReadOptions & options)
{
  if (IsSlicerSegmentation(path) && fs::is_regular_file(path))
    return ReadSlicerSegmentation(path).labels;
  ReadOptions all = options;
  all.allowNotFinite = true; // AsLabel says where
  const Volume volume = ReadVolume(path, all);
  LabelVolume  labels{ volume.geometry, {} };
  labels.labels.resize(static_cast<std::size_t>(volume.geometry.extent.Voxels()));
  std::visit(
    [&](const auto & voxels) {
      for (std::size_t i = 0; i < voxels.size(); ++i)
        labels.labels[i] = AsLabel(voxels[i], i, volume.geometry.extent, path);
    },
    volume.voxels);
  return labels;
}

void RequireSameGrid(const Geometry & image, const Geometry & labels, const std::string & imageName,
                     const std::string & labelsName)
{
  Require(image.extent == labels.extent, Fault::Input, "the segmentation '", labelsName, "' has ", ToText(labels.extent),
          " voxels, its volume '", imageName, "' has ", ToText(image.extent), "; both must lie on one grid");
  const double distance = CornerDistance(image, labels);
  const double allowed = 0.1 * SmallestSpacing(image.spacing);
  Require(distance <= allowed, Fault::Input, "the segmentation '", labelsName, "' lies up to ", FormatFixed(distance, 3),
          " mm from its volume '", imageName, "'; at most ", FormatFixed(allowed, 3),
          " mm are allowed: resample the segmentation to the volume's grid");
}

std::string VoxelFingerprint(const Volume & volume)
{
  const Geometry &    g = volume.geometry;
  std::vector<double> numbers{ double(volume.voxels.index()), double(g.extent.x), double(g.extent.y), double(g.extent.z),
                               g.spacing.x,                   g.spacing.y,        g.spacing.z };
  numbers.insert(numbers.end(), g.origin.begin(), g.origin.end());
  numbers.insert(numbers.end(), g.direction.begin(), g.direction.end());
  for (double & number : numbers)
    number += 0.0; // -0 and 0 are one number
  const std::string voxels =
    std::visit([](const auto & v) { return ContentHash(std::as_bytes(std::span(v))); }, volume.voxels);
  const std::string both = voxels + ContentHash(std::as_bytes(std::span(numbers)));
  return ContentHash(std::as_bytes(std::span(both)));
}

Placement PlacementFrom(const std::string & name)
{
  for (const auto & [known, placement] : { std::pair{ "stated", Placement::Stated }, { "sform", Placement::Sform },
                                           { "qform", Placement::Qform }, { "assumed", Placement::Assumed } })
    if (name == known)
      return placement;
  Fail(Fault::Usage, "'", name, "' is no placement; stated, sform, qform or assumed is expected");
}

} // namespace serval
