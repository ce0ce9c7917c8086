#include "DicomVoxels.h"

#include "DicomPixelSource.h"
#include "GridChecks.h"
#include "serval/Core/Error.h"
#include "serval/Core/JobQueue.h"
#include "serval/Core/PathDisplay.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

namespace serval
{
namespace
{

// No CT measures -1500 HU: scanners fill what lies outside of their field of view with -2000 to -3024, declared or not.
constexpr double airHu = -1024, neverHu = -1500, leastTissueHu = -1000, mostTissueHu = 3071;

/// stored * slope + intercept, with MONOCHROME1 turned over within the range of its stored bits.
struct Rescale
{
  double slope = 1, intercept = 0;

  bool IsWhole() const
  {
    return slope == std::floor(slope) && intercept == std::floor(intercept) && std::abs(slope) <= 16384 && std::abs(intercept) <= 1e9;
  }
};

Rescale RescaleOf(const DicomPlane & plane)
{
  const DicomFile & file = *plane.file;
  if (!file.isInverted)
    return { plane.slope, plane.intercept };
  const double turned = file.isSigned ? -1 : std::ldexp(1, file.bitsStored) - 1; // smallest + largest stored value
  return { -plane.slope, plane.intercept + plane.slope * turned };
}

bool IsHu(const DicomPlane & plane) { return plane.file->record.modality == "CT" && plane.isRescaled; }

/// Rescaled values that stand for "nothing here": those up to `below`, and those from `low` to `high`.
struct Padding
{
  double below = -std::numeric_limits<double>::infinity(), low = 1, high = 0;

  bool IsAny() const { return std::isfinite(below) || low <= high; }
};

/// The same in the numbers of the voxels, so that the loop over them is quick.
template <typename T>
struct VoxelPadding
{
  using Number = std::conditional_t<std::is_integral_v<T>, std::int32_t, float>;
  Number below, low, high;

  explicit VoxelPadding(const Padding & padding)
    : below(AsNumber(padding.below))
    , low(AsNumber(padding.low))
    , high(AsNumber(padding.high))
  {}
  static Number AsNumber(double value) { return static_cast<Number>(std::clamp(value, -2e9, 2e9)); }
  bool          Holds(T value) const { return (value <= below) | ((value >= low) & (value <= high)); }
};

Padding PaddingOf(const DicomPlane & plane)
{
  Padding padding;
  if (IsHu(plane))
    padding.below = neverHu;
  if (!plane.file->padding || plane.file->pixels.floatBits != 0)
    return padding;
  const Rescale rescale = RescaleOf(plane);
  const double  a = (*plane.file->padding)[0] * rescale.slope + rescale.intercept;
  const double  b = (*plane.file->padding)[1] * rescale.slope + rescale.intercept;
  const double  low = std::min(a, b), high = std::max(a, b);
  const bool    isKept = IsHu(plane) ? high >= leastTissueHu && low <= mostTissueHu : low <= 0 && high >= 0;
  if (!isKept)
  {
    padding.low = low;
    padding.high = high;
  }
  return padding;
}

/// The bits of one stored value that count.
struct StoredBits
{
  int left = 0, right = 0; ///< shifts that drop what lies above and below them
};

StoredBits BitsOf(const DicomPixelSource & source, int width)
{
  const int stored = std::clamp(source.BitsStored(), 1, width), high = std::clamp(source.HighBit(), stored - 1, width - 1);
  return { width - 1 - high, width - stored };
}

template <typename TStored, typename TOut>
bool ConvertPlane(const char * bytes, std::size_t count, StoredBits bits, Rescale rescale, TOut * out)
{
  using Wide = std::conditional_t<std::is_integral_v<TStored> && std::is_integral_v<TOut>, std::int32_t, double>;
  const Wide slope = static_cast<Wide>(rescale.slope), intercept = static_cast<Wide>(rescale.intercept);
  Wide       low = std::numeric_limits<Wide>::max(), high = std::numeric_limits<Wide>::lowest();
  for (std::size_t i = 0; i < count; ++i)
  {
    TStored stored;
    std::memcpy(&stored, bytes + i * sizeof(TStored), sizeof(TStored));
    if constexpr (std::is_integral_v<TStored>)
      stored = static_cast<TStored>(static_cast<TStored>(stored << bits.left) >> bits.right);
    const Wide value = static_cast<Wide>(stored) * slope + intercept;
    if constexpr (std::is_integral_v<TOut>)
    {
      low = std::min(low, value);
      high = std::max(high, value);
    }
    out[i] = static_cast<TOut>(value);
  }
  if constexpr (std::is_integral_v<TOut>)
    return low >= std::numeric_limits<TOut>::min() && high <= std::numeric_limits<TOut>::max();
  else
    return true;
}

template <typename TOut>
bool ReadPlane(DicomPixelSource & source, const DicomPlane & plane, TOut * out)
{
  const char *      bytes = source.Plane(plane.frame);
  const std::size_t count = plane.file->PlaneVoxels();
  const Rescale     rescale = RescaleOf(plane);
  const int         width = source.BitsAllocated();
  const StoredBits  bits = BitsOf(source, width);
  if constexpr (!std::is_integral_v<TOut>)
  {
    if (source.IsFloat())
      return width == 64 ? ConvertPlane<double>(bytes, count, bits, rescale, out) : ConvertPlane<float>(bytes, count, bits, rescale, out);
    if (width == 32)
      return source.IsSigned() ? ConvertPlane<std::int32_t>(bytes, count, bits, rescale, out)
                               : ConvertPlane<std::uint32_t>(bytes, count, bits, rescale, out);
  }
  if (width == 16)
    return source.IsSigned() ? ConvertPlane<std::int16_t>(bytes, count, bits, rescale, out)
                             : ConvertPlane<std::uint16_t>(bytes, count, bits, rescale, out);
  Require(width == 8, Fault::Input, "the DICOM file '", Shown(plane.file->file), "' holds pixels of ", width,
          " bits; 8, 16 or 32 bits or floating point are expected");
  return source.IsSigned() ? ConvertPlane<std::int8_t>(bytes, count, bits, rescale, out)
                           : ConvertPlane<std::uint8_t>(bytes, count, bits, rescale, out);
}

// Planes of one file stand together, so that a multi-frame file is decompressed once.
std::vector<std::vector<std::size_t>> PlanesByFile(const DicomStack & stack)
{
  std::map<const DicomFile *, std::size_t> places;
  std::vector<std::vector<std::size_t>>    files;
  for (std::size_t i = 0; i < stack.planes.size(); ++i)
  {
    const auto [place, isNew] = places.emplace(stack.planes[i].file.get(), files.size());
    if (isNew)
      files.emplace_back();
    files[place->second].push_back(i);
  }
  return files;
}

/// False when a value does not fit into T.
template <typename T>
bool ReadPlanesAs(const DicomStack & stack, std::vector<T> & voxels)
{
  const std::size_t plane = stack.First().file->PlaneVoxels();
  const auto        files = PlanesByFile(stack);
  std::atomic<bool> fits{ true };
  voxels.resize(plane * stack.planes.size());
  JobQueue(files.size()).Run(2, [&](std::size_t file) {
    if (!fits)
      return;
    DicomPixelSource source(*stack.planes[files[file].front()].file);
    for (const std::size_t i : files[file])
      if (!ReadPlane(source, stack.planes[i], voxels.data() + i * plane))
        fits = false;
  });
  return fits;
}

template <typename T>
T SmallestOther(const std::vector<T> & voxels, const std::vector<Padding> & padding)
{
  const std::size_t plane = voxels.size() / padding.size();
  T                 smallest = std::numeric_limits<T>::max();
  for (std::size_t i = 0; i < padding.size(); ++i)
  {
    const VoxelPadding<T> isPadding(padding[i]);
    for (std::size_t at = i * plane; at < (i + 1) * plane; ++at)
      if (!isPadding.Holds(voxels[at]))
        smallest = std::min(smallest, voxels[at]);
  }
  return smallest;
}

template <typename T>
void ReplacePadding(const DicomStack & stack, std::vector<T> & voxels, std::vector<std::string> & changes)
{
  std::vector<Padding> padding;
  std::transform(stack.planes.begin(), stack.planes.end(), std::back_inserter(padding), PaddingOf);
  if (std::none_of(padding.begin(), padding.end(), [](const auto & p) { return p.IsAny(); }))
    return;
  const std::size_t        plane = voxels.size() / padding.size();
  const bool               isAir = IsHu(stack.First()) && std::numeric_limits<T>::lowest() <= airHu;
  const T                  fill = isAir ? static_cast<T>(airHu) : SmallestOther(voxels, padding);
  std::atomic<std::size_t> count{ 0 };
  JobQueue(padding.size()).Run(2, [&](std::size_t i) {
    const VoxelPadding<T> isPadding(padding[i]);
    T * const             values = voxels.data() + i * plane;
    std::size_t           own = 0;
    for (std::size_t at = 0; at < plane; ++at)
    {
      const bool isHeld = isPadding.Holds(values[at]);
      values[at] = isHeld ? fill : values[at];
      own += isHeld;
    }
    count += own;
  });
  if (count > 0)
    changes.push_back(Concat("padding: ", count, " voxels outside of the field of view set to ", fill, isAir ? " HU" : ""));
}

template <typename T>
bool ReadAs(const DicomStack & stack, std::vector<std::string> & changes, Voxels & result)
{
  std::vector<T> voxels;
  if (!ReadPlanesAs(stack, voxels))
    return false;
  ReplacePadding(stack, voxels, changes);
  result = std::move(voxels);
  return true;
}

bool IsWhole(const DicomStack & stack)
{
  return std::all_of(stack.planes.begin(), stack.planes.end(), [](const DicomPlane & plane) {
    return RescaleOf(plane).IsWhole() && plane.file->pixels.floatBits == 0 && plane.file->bitsAllocated <= 16;
  });
}

} // namespace

Voxels ReadDicomVoxels(const DicomStack & stack, std::vector<std::string> & changes)
{
  const auto & first = *stack.First().file;
  const Extent extent{ first.columns, first.rows, static_cast<std::int64_t>(stack.planes.size()) };
  const bool   isWhole = IsWhole(stack);
  RequireMemory(first.file, extent, (isWhole ? 2.0 : 4.0) * static_cast<double>(extent.Voxels()));
  if (first.isInverted)
    changes.push_back("MONOCHROME1: values inverted, so that high ones are bright");
  Voxels voxels;
  if (!isWhole || !(ReadAs<std::int16_t>(stack, changes, voxels) || ReadAs<std::uint16_t>(stack, changes, voxels)))
    ReadAs<float>(stack, changes, voxels);
  return voxels;
}

} // namespace serval
