#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace serval::support
{

/// A NIfTI-1 file in memory, field by field as nifti1.h lays them out.
struct NiftiPhantom
{
  std::array<std::int16_t, 8> dim{ 3, 3, 4, 5, 1, 1, 1, 1 };
  std::array<float, 8>        pixdim{ 1, 2, 3, 4, 1, 1, 1, 1 };
  std::int16_t                datatype = 4, qformCode = 0, sformCode = 0;
  std::uint8_t                units = 2;
  float                       slope = 1, intercept = 0;
  std::array<float, 6>        quaternion{};                             ///< b, c, d, offsets
  std::array<float, 12>       sform{ 2, 0, 0, 10, 0, 3, 0, 20, 0, 0, 4, 30 };
  std::string                 voxels = Numbers<std::int16_t>(60);

  /// 0, 1, 2, ... as T.
  template <typename T>
  static std::string Numbers(std::size_t count)
  {
    std::vector<T> values(count);
    for (std::size_t i = 0; i < count; ++i)
      values[i] = static_cast<T>(i);
    return { reinterpret_cast<const char *>(values.data()), count * sizeof(T) };
  }
  std::string Bytes(const char * magic = "n+1", float offset = 352) const
  {
    std::string bytes(352, '\0');
    const auto  put = [&](std::size_t at, const auto & value) { std::memcpy(bytes.data() + at, &value, sizeof(value)); };
    put(0, std::int32_t{ 348 });
    put(40, dim);
    put(70, datatype);
    put(76, pixdim);
    put(108, offset);
    put(112, slope);
    put(116, intercept);
    put(123, units);
    put(252, qformCode);
    put(254, sformCode);
    put(256, quaternion);
    put(280, sform);
    std::memcpy(bytes.data() + 344, magic, 4);
    return magic[1] == 'i' ? bytes.substr(0, 348) : bytes + voxels;
  }
  /// The same file of a machine with the other byte order, for voxels of two bytes.
  std::string SwappedBytes() const
  {
    std::string bytes = Bytes();
    const auto  swap = [&](std::size_t at, std::size_t size, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i)
        std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at + i * size), bytes.begin() + static_cast<std::ptrdiff_t>(at + (i + 1) * size));
    };
    swap(0, 4, 1);
    swap(40, 2, 8);
    swap(70, 2, 1);
    swap(76, 4, 11); // pixdim, offset, slope, intercept
    swap(252, 2, 2);
    swap(256, 4, 18);
    swap(352, 2, voxels.size() / 2);
    return bytes;
  }
};

} // namespace serval::support
