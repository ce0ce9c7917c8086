#include "ImageFile.h"

#include "GridChecks.h"
#include "GzipFile.h"
#include "NiftiFile.h"
#include "PixelConversion.h"
#include "TextHeader.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/LargeVector.h"
#include "serval/Core/Text.h"

#include <itkMetaImageIO.h>
#include <itkNrrdImageIO.h>

#include <iostream>
#include <optional>
#include <span>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

itk::ImageIOBase::Pointer ImageIOFor(const fs::path & path, bool isNrrd)
{
  const itk::ImageIOBase::Pointer io = isNrrd ? itk::ImageIOBase::Pointer(itk::NrrdImageIO::New().GetPointer())
                                              : itk::ImageIOBase::Pointer(itk::MetaImageIO::New().GetPointer());
  io->SetFileName(path.string());
  io->ReadImageInformation();
  return io;
}

std::vector<std::int64_t> SizesOf(const itk::ImageIOBase & io)
{
  std::vector<std::int64_t> sizes;
  for (unsigned axis = 0; axis < io.GetNumberOfDimensions(); ++axis)
    sizes.push_back(static_cast<std::int64_t>(io.GetDimensions(axis)));
  while (sizes.size() > 3 && sizes.back() == 1)
    sizes.pop_back();
  return sizes;
}

Geometry GeometryOf(const itk::ImageIOBase & io, const TextHeader & header, const ReadOptions & options, const fs::path & path)
{
  RequireKnownSpace(header, options.placement, path);
  const auto sizes = SizesOf(io);
  RequireThreeAxes(sizes, path);
  Geometry       geometry{ { sizes[0], sizes[1], sizes[2] }, {}, {}, {} };
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
  if (const auto direction = AnatomicalDirection(header, path))
    geometry.direction = *direction;
  RequireRightAngles(geometry, path);
  return geometry;
}

void RequireNumbers(const itk::ImageIOBase & io, const fs::path & path)
{
  const auto type = io.GetPixelType();
  const bool isColour = type == itk::IOPixelEnum::RGB || type == itk::IOPixelEnum::RGBA || type == itk::IOPixelEnum::COMPLEX;
  Require(!isColour, Fault::Input, Shown(path), " has ", io.GetNumberOfComponents(), " numbers in each voxel (",
          itk::ImageIOBase::GetPixelTypeAsString(type), "); one is expected");
}

template <typename T>
std::vector<T> ReadAll(itk::ImageIOBase & io, std::size_t count, const fs::path & path, const HeldErrorStream & held)
{
  itk::ImageIORegion region(io.GetNumberOfDimensions());
  for (unsigned axis = 0; axis < io.GetNumberOfDimensions(); ++axis)
    region.SetSize(axis, io.GetDimensions(axis));
  io.SetIORegion(region);
  std::vector<T> values(count);
  io.Read(values.data());
  Require(held.Text().find("not read completely") == std::string::npos, Fault::Input, Shown(path), // MetaIO
          " is truncated: ", OneLine(held.Text(), path)); // only says so, and leaves the rest zero
  return values;
}

// Every `components`-th number from `first` on.
template <typename T>
std::vector<T> Channel(const std::vector<T> & all, std::size_t count, std::size_t channel, std::size_t components)
{
  std::vector<T> values(count);
  const T *      from = all.data() + (components > 1 ? channel : channel * count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = from[i * components];
  return values;
}

// Which channels of a file are read, and what is known of it.
struct Request
{
  Geometry                geometry;
  std::size_t             first = 0, last = 0; // channels, half open
  std::size_t             channels = 1, components = 1;
  std::optional<std::size_t> rawBegin; // of voxels that can be copied as they are
};

template <typename T>
std::vector<Volume> ReadRaw(const Request & request, const fs::path & path)
{
  ByteStream          stream(path);
  const auto          count = static_cast<std::size_t>(request.geometry.extent.Voxels());
  std::vector<Volume> volumes;
  for (std::size_t channel = request.first; channel < request.last; ++channel)
  {
    auto values = LargeVector<T>(count);
    stream.Read(*request.rawBegin + channel * count * sizeof(T), std::as_writable_bytes(std::span(values)));
    volumes.push_back({ request.geometry, Narrowed(std::move(values)), {} });
  }
  return volumes;
}

template <typename T>
std::vector<Volume> ReadByItk(itk::ImageIOBase & io, const Request & request, const fs::path & path, const HeldErrorStream & held)
{
  const auto          count = static_cast<std::size_t>(request.geometry.extent.Voxels());
  std::vector<Volume> volumes;
  auto                all = ReadAll<T>(io, count * request.channels, path, held);
  if (request.channels == 1)
    return { { request.geometry, Narrowed(std::move(all)), {} } };
  for (std::size_t channel = request.first; channel < request.last; ++channel)
    volumes.push_back({ request.geometry, Narrowed(Channel(all, count, channel, request.components)), {} });
  return volumes;
}

// read(T()) for the type T of the file's numbers.
template <typename F>
std::vector<Volume> ReadAsTyped(const itk::ImageIOBase & io, const fs::path & path, const F & read)
{
  using Component = itk::ImageIOBase::IOComponentEnum;
  switch (io.GetComponentType())
  {
    case Component::UCHAR: return read(std::uint8_t());
    case Component::CHAR: return read(std::int8_t());
    case Component::SHORT: return read(std::int16_t());
    case Component::USHORT: return read(std::uint16_t());
    case Component::INT: return read(std::int32_t());
    case Component::UINT: return read(std::uint32_t());
    case Component::LONG:
    case Component::LONGLONG: return read(std::int64_t());
    case Component::ULONG:
    case Component::ULONGLONG: return read(std::uint64_t());
    case Component::FLOAT: return read(float());
    case Component::DOUBLE: return read(double());
    default: break;
  }
  Fail(Fault::Input, Shown(path), " holds voxels of an unknown type (",
       itk::ImageIOBase::GetComponentTypeAsString(io.GetComponentType()), "); whole numbers or floating point are expected");
}

Request RequestOf(const itk::ImageIOBase & io, const TextHeader & header, const ReadOptions & options, bool all, const fs::path & path)
{
  Request    request{ GeometryOf(io, header, options, path), 0, 1, 1, io.GetNumberOfComponents(), {} };
  const auto count = static_cast<std::size_t>(request.geometry.extent.Voxels());
  RequireNumbers(io, path);
  for (const auto size : SizesOf(io))
    request.channels *= static_cast<std::size_t>(size);
  request.channels = request.channels / count * request.components;
  request.first = all ? 0 : ChosenChannel(options, SizesOf(io), static_cast<std::int64_t>(request.components), path);
  request.last = all ? request.channels : request.first + 1;
  const double bytes = static_cast<double>(count * request.channels) * io.GetComponentSize();
  RequirePlausibleSize(path, bytes);
  RequireMemory(path, request.geometry.extent, bytes);
  if (request.components == 1)
    request.rawBegin = header.RawBegin(io.GetComponentSize());
  return request;
}

// act(header, held) on an NRRD or MetaImage file, with the libraries' errors as ours.
template <typename F>
auto WithHeader(const fs::path & path, const F & act)
{
  const auto header = ReadTextHeader(path);
  Require(header.has_value(), Fault::Input, Shown(path), " is no volume that can be read: NIfTI (.nii, .nii.gz), NRRD, ",
          "MetaImage (.mha, .mhd) or DICOM is expected");
  const HeldErrorStream held;
  try
  {
    return act(*header, held);
  }
  catch (const itk::ExceptionObject & e)
  {
    Fail(Fault::Input, Shown(path), " cannot be read: ", OneLine(held.Text() + " " + e.GetDescription(), path));
  }
}

std::vector<Volume> ReadTextHeaded(const fs::path & path, const ReadOptions & options, bool all)
{
  Request                   request;
  itk::ImageIOBase::Pointer io;
  std::string               modality;
  auto                      volumes = WithHeader(path, [&](const TextHeader & header, const HeldErrorStream & held) {
    modality = header.Modality();
    io = ImageIOFor(path, header.isNrrd);
    request = RequestOf(*io, header, options, all, path);
    return request.rawBegin ? std::vector<Volume>{}
                            : ReadAsTyped(*io, path, [&]<typename T>(T) { return ReadByItk<T>(*io, request, path, held); });
  });
  if (request.rawBegin)
    volumes = ReadAsTyped(*io, path, [&]<typename T>(T) { return ReadRaw<T>(request, path); }); // beside other threads
  for (auto & volume : volumes)
    volume.modality = modality;
  return volumes;
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

std::string OneLine(std::string text, const fs::path & path)
{
  const std::string name = path.string();
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name))
    text.replace(at, name.size(), Shown(path));
  std::string line;
  for (const char letter : text)
    if (std::isspace(static_cast<unsigned char>(letter)) == 0)
      line += letter;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  return Trim(line);
}

Volume ReadImageFile(const fs::path & path, const ReadOptions & options)
{
  return IsNiftiName(path) ? ReadNiftiFile(path, options) : std::move(ReadTextHeaded(path, options, false).front());
}

Geometry ReadImageGeometry(const fs::path & path, const ReadOptions & options)
{
  if (IsNiftiName(path))
    return ReadNiftiGeometry(path, options);
  return WithHeader(path, [&](const TextHeader & header, const HeldErrorStream &) {
    return GeometryOf(*ImageIOFor(path, header.isNrrd), header, options, path);
  });
}

std::vector<Volume> ReadImageChannels(const fs::path & path, const ReadOptions & options)
{
  return IsNiftiName(path) ? ReadNiftiChannels(path, options) : ReadTextHeaded(path, options, true);
}

} // namespace serval
