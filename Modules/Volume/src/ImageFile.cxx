#include "ImageFile.h"

#include "GridChecks.h"
#include "NiftiVoxels.h"
#include "PixelConversion.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <itkMetaImageIO.h>
#include <itkNiftiImageIO.h>
#include <itkNrrdImageIO.h>

#include <iostream>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

itk::ImageIOBase::Pointer FindImageIO(const fs::path & path)
{
  const auto nifti = itk::NiftiImageIO::New();
  nifti->SetLegacyAnalyze75Mode(itk::NiftiImageIOEnums::Analyze75Flavor::AnalyzeReject); // it has no orientation
  const itk::ImageIOBase::Pointer all[]{ nifti.GetPointer(), itk::NrrdImageIO::New().GetPointer(),
                                         itk::MetaImageIO::New().GetPointer() };
  for (const auto & io : all)
    if (io->CanReadFile(path.c_str()))
      return io;
  Fail(Fault::Input, "'", path.string(), "' is no volume that can be read: NIfTI (.nii, .nii.gz), NRRD, MetaImage ",
       "(.mha, .mhd) or DICOM is expected");
}

Extent ExtentOf(const itk::ImageIOBase & io, const fs::path & path)
{
  const unsigned dimensions = io.GetNumberOfDimensions();
  std::string    size;
  std::int64_t   beyond = 1;
  for (unsigned axis = 0; axis < dimensions; ++axis)
  {
    size += (axis ? "x" : "") + std::to_string(io.GetDimensions(axis));
    beyond *= axis > 2 ? static_cast<std::int64_t>(io.GetDimensions(axis)) : 1;
  }
  Require(dimensions >= 3 && beyond == 1, Fault::Input, "'", path.string(), "' has ", dimensions, " dimensions (", size,
          "); one three-dimensional volume is expected");
  const Extent extent{ static_cast<std::int64_t>(io.GetDimensions(0)), static_cast<std::int64_t>(io.GetDimensions(1)),
                       static_cast<std::int64_t>(io.GetDimensions(2)) };
  Require(extent.x > 1 && extent.y > 1 && extent.z > 1, Fault::Input, "'", path.string(), "' is not three-dimensional (",
          ToText(extent), " voxels); at least 2 voxels along each axis are expected");
  Require(io.GetNumberOfComponents() == 1, Fault::Input, "'", path.string(), "' has ", io.GetNumberOfComponents(),
          " numbers in each voxel (colour or vectors); one is expected");
  return extent;
}

Geometry GeometryOf(const itk::ImageIOBase & io, const fs::path & path)
{
  Geometry geometry;
  geometry.extent = ExtentOf(io, path);
  double * const spacing[]{ &geometry.spacing.x, &geometry.spacing.y, &geometry.spacing.z };
  for (unsigned axis = 0; axis < 3; ++axis)
  {
    const double sign = io.GetSpacing(axis) < 0 ? -1 : 1; // a negative spacing is a flipped axis
    *spacing[axis] = sign * io.GetSpacing(axis);
    geometry.origin[axis] = io.GetOrigin(axis);
    const auto column = io.GetDirection(axis);
    for (unsigned row = 0; row < 3; ++row)
      geometry.direction[3 * row + axis] = sign * column[row];
  }
  RequireRightAngles(geometry, path);
  return geometry;
}

// A header may promise more than its file can hold; gzip packs at most 1032 to 1. A detached data file is not judged.
void RequirePlausibleSize(const fs::path & path, double bytes)
{
  const std::string extension = path.extension().string();
  if (extension != ".nii" && extension != ".gz" && extension != ".nrrd" && extension != ".mha")
    return;
  const double held = static_cast<double>(fs::file_size(path));
  const double packing = extension == ".nii" ? 8 : 1100; // scaled NIfTI voxels grow up to 8 times in memory
  Require(bytes <= held * packing, Fault::Input, "'", path.string(), "' is truncated: its header promises ", bytes,
          " bytes of voxels, the file has ", held);
}

template <typename T>
Voxels ReadVoxelsAs(itk::ImageIOBase & io, std::size_t count)
{
  std::vector<T> values(count);
  io.Read(values.data());
  return Narrowed(std::move(values));
}

Volume ReadWith(itk::ImageIOBase & io, const fs::path & path)
{
  io.SetFileName(path.string());
  io.ReadImageInformation();
  Volume volume;
  volume.geometry = GeometryOf(io, path);
  const auto   count = static_cast<std::size_t>(volume.geometry.extent.Voxels());
  const double bytes = static_cast<double>(count) * io.GetComponentSize();
  RequirePlausibleSize(path, bytes);
  RequireMemory(path, volume.geometry.extent, bytes);
  if (dynamic_cast<itk::NiftiImageIO *>(&io))
  {
    volume.voxels = ReadNiftiVoxels(path, count);
    return volume;
  }
  itk::ImageIORegion region(io.GetNumberOfDimensions());
  for (unsigned axis = 0; axis < io.GetNumberOfDimensions(); ++axis)
    region.SetSize(axis, io.GetDimensions(axis));
  io.SetIORegion(region);
  volume.voxels = ReadVoxels(io, count, path);
  return volume;
}

std::mutex & ErrorStreamMutex()
{
  static std::mutex mutex;
  return mutex;
}

} // namespace

void SilenceLibraries()
{
  static const bool done = [] {
    itk::Object::GlobalWarningDisplayOff();
    return true;
  }();
  (void)done;
}

HeldErrorStream::HeldErrorStream()
  : m_Lock(ErrorStreamMutex())
  , m_Original(std::cerr.rdbuf(m_Held.rdbuf()))
{}

HeldErrorStream::~HeldErrorStream() { std::cerr.rdbuf(m_Original); }

std::string OneLine(const std::string & text)
{
  std::string line;
  for (const char letter : text)
    if (std::isspace(static_cast<unsigned char>(letter)) == 0)
      line += letter;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  return Trim(line);
}

Voxels ReadVoxels(itk::ImageIOBase & io, std::size_t count, const fs::path & path)
{
  using Component = itk::ImageIOBase::IOComponentEnum;
  switch (io.GetComponentType())
  {
    case Component::UCHAR: return ReadVoxelsAs<std::uint8_t>(io, count);
    case Component::CHAR: return ReadVoxelsAs<std::int8_t>(io, count);
    case Component::SHORT: return ReadVoxelsAs<std::int16_t>(io, count);
    case Component::USHORT: return ReadVoxelsAs<std::uint16_t>(io, count);
    case Component::INT: return ReadVoxelsAs<std::int32_t>(io, count);
    case Component::UINT: return ReadVoxelsAs<std::uint32_t>(io, count);
    case Component::LONG:
    case Component::LONGLONG: return ReadVoxelsAs<std::int64_t>(io, count);
    case Component::ULONG:
    case Component::ULONGLONG: return ReadVoxelsAs<std::uint64_t>(io, count);
    case Component::FLOAT: return ReadVoxelsAs<float>(io, count);
    case Component::DOUBLE: return ReadVoxelsAs<double>(io, count);
    default: break;
  }
  Fail(Fault::Input, "'", path.string(), "' holds voxels of an unknown type (",
       itk::ImageIOBase::GetComponentTypeAsString(io.GetComponentType()), "); whole numbers or floating point are expected");
}

Volume ReadImageFile(const fs::path & path)
{
  const HeldErrorStream held;
  try
  {
    Volume volume = ReadWith(*FindImageIO(path), path);
    Require(held.Text().find("not read completely") == std::string::npos, Fault::Input, "'", path.string(), // MetaIO
            "' is truncated: ", OneLine(held.Text())); // only says so, and leaves the rest zero
    return volume;
  }
  catch (const itk::ExceptionObject & e)
  {
    Fail(Fault::Input, "'", path.string(), "' cannot be read: ", OneLine(held.Text() + " " + e.GetDescription()));
  }
}

} // namespace serval
