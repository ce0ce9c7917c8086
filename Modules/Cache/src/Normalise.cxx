#include "Normalise.h"

#include <algorithm>
#include <cstdint>

// One copy of each loop for every width of vectors; the processor chooses at start-up.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define SERVAL_VECTOR_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SERVAL_VECTOR_CLONES
#endif

namespace serval::cache
{
namespace
{

// Inlined into each clone, so that it is compiled for the clone's processor.
template <typename T>
[[gnu::always_inline]] inline void Loop(const std::byte * raw, std::size_t count, LinearMap map, float * target)
{
  const auto * values = reinterpret_cast<const T *>(raw);
  if (map.isClipped)
    for (std::size_t i = 0; i < count; ++i)
      target[i] = std::min(std::max((static_cast<float>(values[i]) - map.shift) * map.scale, map.low), map.high);
  else
    for (std::size_t i = 0; i < count; ++i)
      target[i] = (static_cast<float>(values[i]) - map.shift) * map.scale;
}

SERVAL_VECTOR_CLONES void FromUInt8(const std::byte * raw, std::size_t count, LinearMap map, float * target)
{
  Loop<std::uint8_t>(raw, count, map, target);
}
SERVAL_VECTOR_CLONES void FromInt16(const std::byte * raw, std::size_t count, LinearMap map, float * target)
{
  Loop<std::int16_t>(raw, count, map, target);
}
SERVAL_VECTOR_CLONES void FromUInt16(const std::byte * raw, std::size_t count, LinearMap map, float * target)
{
  Loop<std::uint16_t>(raw, count, map, target);
}
SERVAL_VECTOR_CLONES void FromFloat32(const std::byte * raw, std::size_t count, LinearMap map, float * target)
{
  Loop<float>(raw, count, map, target);
}

} // namespace

void Normalise(std::span<const std::byte> raw, PixelType type, const LinearMap & map, std::span<float> target)
{
  switch (type)
  {
    case PixelType::UInt8:
      return FromUInt8(raw.data(), target.size(), map, target.data());
    case PixelType::Int16:
      return FromInt16(raw.data(), target.size(), map, target.data());
    case PixelType::UInt16:
      return FromUInt16(raw.data(), target.size(), map, target.data());
    case PixelType::Float32:
      return FromFloat32(raw.data(), target.size(), map, target.data());
  }
}

} // namespace serval::cache
