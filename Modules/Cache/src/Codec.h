#pragma once

#include "serval/Cache/PatchCache.h"

#include <cstddef>
#include <span>
#include <vector>

namespace serval::cache
{

/// HDF5's registered number of the zstd filter.
inline constexpr unsigned zstdFilter = 32015;

/// What HDF5's filters shuffle and deflate (or zstd) would store of one chunk of elements of `elementSize` bytes.
std::vector<std::byte> Compress(std::span<const std::byte> raw, std::size_t elementSize, Compression compression);

/// The opposite into `raw`, whose size is exact; Fault::Input when the bytes are no such chunk.
void Inflate(std::span<const std::byte> stored, std::size_t elementSize, Compression compression,
             std::span<std::byte> raw);

} // namespace serval::cache
