#include "NiftiFile.h"

#include "DicomKind.h"
#include "GridChecks.h"
#include "GzipFile.h"
#include "NiftiHeader.h"
#include "PixelConversion.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <optional>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

// A NIfTI file whose header is read.
struct NiftiFile
{
  fs::path                  path, data; // where its header and its voxels are
  NiftiHeader               header;
  Geometry                  geometry;
  std::optional<PackedFile> packed; // the file in memory, where it is inflated in one call
  std::optional<ByteStream> stream; // else

  std::size_t Count() const { return static_cast<std::size_t>(geometry.extent.Voxels()); }
};

// The other file of a pair: volume.hdr of volume.img, plain or packed. A name that does not end in `from` is returned.
fs::path Sibling(const fs::path & path, std::string_view from, const char * to)
{
  const fs::path plain = path.extension() == ".gz" ? fs::path(path).replace_extension() : path;
  if (plain.extension() != from)
    return path;
  const fs::path other = fs::path(plain).replace_extension(to);
  return fs::exists(other) ? other : fs::path(other.string() + ".gz");
}

std::vector<std::byte> HeadOf(const fs::path & path)
{
  std::vector<std::byte> head(niftiHeaderBytes);
  std::ifstream          file(path, std::ios::binary);
  file.read(reinterpret_cast<char *>(head.data()), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  return head;
}

NiftiFile Open(const fs::path & path, const ReadOptions & options)
{
  NiftiFile file{ Sibling(path, ".img", ".hdr"), {}, {}, {}, {}, {} };
  Require(fs::exists(file.path), Fault::Input, Shown(path), " lacks its header ", Shown(file.path));
  if (IsGzip(file.path))
    file.packed.emplace(file.path);
  file.header = ParseNiftiHeader(file.packed ? file.packed->Head(niftiHeaderBytes) : HeadOf(file.path), path);
  file.data = file.header.twoFiles ? Sibling(file.path, ".hdr", ".img") : file.path;
  if (file.header.twoFiles || file.header.Channels() > 1)
    file.packed.reset();
  RequireThreeAxes(file.header.Sizes(), path);
  file.geometry = GeometryOf(file.header, options.placement, path);
  return file;
}

// How the inflated bytes come into memory: `before` bytes, the voxels, and `after` bytes.
struct Delivery
{
  std::size_t before = 0, voxels = 0, after = 0;
  bool        inOneCall = false;

  std::size_t Total() const { return before + voxels + after; }
};

// One call of libdeflate inflates a whole file: only where the file's end states a length that fits its header.
Delivery DeliveryOf(const NiftiFile & file, std::size_t bytes)
{
  constexpr std::size_t surplus = 1 << 16;
  const auto            before = static_cast<std::size_t>(file.header.offset);
  const std::size_t     stated = file.packed ? file.packed->StatedLength() : 0;
  if (stated < before + bytes || stated > before + bytes + surplus)
    return { 0, bytes, 0 };
  return { before, bytes, stated - before - bytes, true };
}

void Deliver(NiftiFile & file, const Delivery & delivery, std::size_t channel, std::span<std::byte> to)
{
  if (delivery.inOneCall && file.packed->InflateInto(to))
    return;
  if (!file.stream)
    file.stream.emplace(file.data);
  file.stream->Read(static_cast<std::size_t>(file.header.offset) + channel * delivery.voxels,
                    to.subspan(delivery.before, delivery.voxels));
}

template <typename T>
T Swapped(T value)
{
  auto bytes = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
  std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

// The voxels of one channel. The stored bytes are put at the end of the result's own memory and converted from the first
// on: a converted voxel never reaches one that is still to be read, and no second volume is held.
template <typename TStored, typename T, typename TConvert>
std::vector<T> Load(NiftiFile & file, std::size_t channel, const TConvert & convert)
{
  constexpr std::size_t block = 4096;
  const std::size_t     count = file.Count();
  const Delivery        delivery = DeliveryOf(file, count * sizeof(TStored));
  const std::size_t     growth = count * (sizeof(T) - std::min(sizeof(T), sizeof(TStored)));
  const std::size_t     place = growth - std::min(growth, delivery.before);
  std::vector<T>        values((place + delivery.Total() + sizeof(T) - 1) / sizeof(T));
  std::byte *           bytes = reinterpret_cast<std::byte *>(values.data());
  Deliver(file, delivery, channel, { bytes + place, delivery.Total() });
  const std::byte * from = bytes + place + delivery.before;
  if constexpr (std::is_same_v<TStored, T> && std::is_same_v<TConvert, std::identity>)
    if (!file.header.swapped)
    {
      std::memmove(bytes, from, count * sizeof(T));
      values.resize(count);
      return values;
    }
  std::array<TStored, block> stored;
  for (std::size_t done = 0; done < count; done += block)
  {
    const std::size_t part = std::min(block, count - done);
    std::memcpy(stored.data(), from + done * sizeof(TStored), part * sizeof(TStored));
    if (file.header.swapped)
      std::transform(stored.begin(), stored.begin() + part, stored.begin(), Swapped<TStored>);
    std::transform(stored.begin(), stored.begin() + part, values.begin() + static_cast<std::ptrdiff_t>(done),
                   [&](TStored v) { return static_cast<T>(convert(v)); });
  }
  values.resize(count);
  if (sizeof(TStored) > sizeof(T))
    values.shrink_to_fit();
  return values;
}

template <typename T>
Voxels LoadScaled(NiftiFile & file, std::size_t channel)
{
  const double slope = file.header.slope, intercept = file.header.intercept;
  const auto   isSmallAndWhole = [](double v) { return v == std::floor(v) && std::abs(v) < 4096; };
  if constexpr (std::is_integral_v<T> && sizeof(T) <= 2)
    if (isSmallAndWhole(slope) && isSmallAndWhole(intercept)) // HU stay whole numbers
      return Narrowed(Load<T, std::int32_t>(file, channel, [&, a = static_cast<std::int32_t>(slope),
                                                            b = static_cast<std::int32_t>(intercept)](T v) { return a * v + b; }));
  return Load<T, float>(file, channel, [=](T v) { return static_cast<double>(v) * slope + intercept; });
}

template <typename T>
Voxels LoadStored(NiftiFile & file, std::size_t channel)
{
  const NiftiHeader & h = file.header;
  if (std::isfinite(h.slope) && std::isfinite(h.intercept) && h.slope != 0 && (h.slope != 1 || h.intercept != 0))
    return LoadScaled<T>(file, channel);
  if constexpr (std::is_same_v<T, double>)
    return Load<double, float>(file, channel, std::identity{});
  else if constexpr (std::is_same_v<T, std::int8_t>)
    return Load<std::int8_t, std::int16_t>(file, channel, std::identity{});
  else
    return Narrowed(Load<T, T>(file, channel, std::identity{}));
}

std::size_t BytesOfVoxel(const NiftiFile & file)
{
  const char * colours = nullptr;
  switch (file.header.datatype) // codes of nifti1.h
  {
    case 2:
    case 256: return 1;
    case 4:
    case 512: return 2;
    case 8:
    case 16:
    case 768: return 4;
    case 64:
    case 1024:
    case 1280: return 8;
    case 128: colours = "colours (RGB)"; break;
    case 2304: colours = "colours (RGBA)"; break;
    case 32:
    case 1792:
    case 2048: colours = "complex numbers"; break;
    case 1: colours = "single bits"; break;
    case 1536: colours = "128 bit floating point numbers"; break;
    default: colours = "voxels of an unknown type"; break;
  }
  Fail(Fault::Input, Shown(file.path), " holds ", colours, " (NIfTI type ", file.header.datatype,
       "); whole numbers or 32 or 64 bit floating point are expected");
}

Voxels LoadVoxels(NiftiFile & file, std::size_t channel)
{
  switch (file.header.datatype)
  {
    case 2: return LoadStored<std::uint8_t>(file, channel);
    case 4: return LoadStored<std::int16_t>(file, channel);
    case 8: return LoadStored<std::int32_t>(file, channel);
    case 16: return LoadStored<float>(file, channel);
    case 64: return LoadStored<double>(file, channel);
    case 256: return LoadStored<std::int8_t>(file, channel);
    case 512: return LoadStored<std::uint16_t>(file, channel);
    case 768: return LoadStored<std::uint32_t>(file, channel);
    case 1024: return LoadStored<std::int64_t>(file, channel);
    default: return LoadStored<std::uint64_t>(file, channel);
  }
}

void RequirePlausible(const NiftiFile & file, std::size_t channels)
{
  const double bytes = static_cast<double>(BytesOfVoxel(file)) * static_cast<double>(file.geometry.extent.Voxels());
  RequirePlausibleSize(file.data, bytes * static_cast<double>(file.header.Channels()));
  RequireMemory(file.path, file.geometry.extent, bytes * static_cast<double>(channels));
}

std::string ModalityOf(const NiftiHeader & header)
{
  return header.description.starts_with(niftiModality) ? KnownModality(header.description.substr(niftiModality.size())) : std::string();
}

} // namespace

bool IsNiftiName(const fs::path & path)
{
  const std::string name = path.extension() == ".gz" ? path.stem().extension().string() : path.extension().string();
  return name == ".nii" || name == ".hdr" || name == ".img";
}

Volume ReadNiftiFile(const fs::path & path, const ReadOptions & options)
{
  NiftiFile  file = Open(path, options);
  const auto channel = ChosenChannel(options, file.header.Sizes(), 1, path);
  RequirePlausible(file, 1);
  Volume volume{ file.geometry, LoadVoxels(file, channel), ModalityOf(file.header) };
  if (file.stream)
    file.stream->CheckRest();
  return volume;
}

Geometry ReadNiftiGeometry(const fs::path & path, const ReadOptions & options) { return Open(path, options).geometry; }

std::vector<Volume> ReadNiftiChannels(const fs::path & path, const ReadOptions & options)
{
  NiftiFile  file = Open(path, options);
  const auto channels = static_cast<std::size_t>(file.header.Channels());
  RequirePlausible(file, channels);
  std::vector<Volume> volumes;
  for (std::size_t channel = 0; channel < channels; ++channel)
    volumes.push_back({ file.geometry, LoadVoxels(file, channel), ModalityOf(file.header) });
  if (file.stream)
    file.stream->CheckRest();
  return volumes;
}

} // namespace serval
