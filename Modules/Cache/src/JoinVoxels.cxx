#include "JoinVoxels.h"

#include "serval/Core/Error.h"

#include <cstdint>
#include <cstring>

namespace serval
{
namespace
{

template <typename TFrom, typename TTo>
std::vector<std::byte> Convert(std::span<const std::byte> voxels)
{
  std::vector<std::byte> converted(voxels.size() / sizeof(TFrom) * sizeof(TTo));
  for (std::size_t i = 0; i < voxels.size() / sizeof(TFrom); ++i)
  {
    TFrom value;
    std::memcpy(&value, voxels.data() + i * sizeof(TFrom), sizeof(TFrom));
    const auto same = static_cast<TTo>(value);
    std::memcpy(converted.data() + i * sizeof(TTo), &same, sizeof(TTo));
  }
  return converted;
}

template <typename TFrom>
std::vector<std::byte> ConvertFrom(std::span<const std::byte> voxels, PixelType to)
{
  switch (to)
  {
    case PixelType::UInt8: return Convert<TFrom, std::uint8_t>(voxels);
    case PixelType::Int16: return Convert<TFrom, std::int16_t>(voxels);
    case PixelType::UInt16: return Convert<TFrom, std::uint16_t>(voxels);
    case PixelType::Float32: return Convert<TFrom, float>(voxels);
  }
  return {};
}

} // namespace

PixelType JointType(PixelType a, PixelType b)
{
  if (a == b || b == PixelType::UInt8)
    return a;
  return a == PixelType::UInt8 ? b : PixelType::Float32; // int16 with uint16: float32 holds both exactly
}

std::vector<std::byte> ConvertVoxels(std::span<const std::byte> voxels, PixelType from, PixelType to)
{
  Require(JointType(from, to) == to, Fault::Internal, ToText(to), " does not hold every ", ToText(from));
  switch (from)
  {
    case PixelType::UInt8: return ConvertFrom<std::uint8_t>(voxels, to);
    case PixelType::Int16: return ConvertFrom<std::int16_t>(voxels, to);
    case PixelType::UInt16: return ConvertFrom<std::uint16_t>(voxels, to);
    case PixelType::Float32: return ConvertFrom<float>(voxels, to);
  }
  return {};
}

std::vector<std::byte> JoinRows(std::span<const std::byte> a, std::span<const std::byte> b, std::size_t row)
{
  Require(a.size() == b.size() && row > 0 && a.size() % row == 0, Fault::Internal, "rows of unequal patches cannot be joined");
  std::vector<std::byte> joined(2 * a.size());
  for (std::size_t at = 0; at < a.size(); at += row)
  {
    std::memcpy(joined.data() + 2 * at, a.data() + at, row);
    std::memcpy(joined.data() + 2 * at + row, b.data() + at, row);
  }
  return joined;
}

} // namespace serval
