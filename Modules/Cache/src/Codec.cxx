#include "Codec.h"

#include "serval/Core/Error.h"

#include <isa-l.h>
#include <libdeflate.h>
#include <zstd.h>

#include <cstdint>
#include <cstring>
#include <memory>

namespace serval::cache
{
namespace
{

constexpr int zstdLevel = 1;

// HDF5's shuffle filter: all first bytes, then all second bytes, ...
template <std::size_t Size>
void Shuffle(const std::byte * raw, std::size_t count, std::byte * shuffled)
{
  for (std::size_t b = 0; b < Size; ++b)
    for (std::size_t i = 0; i < count; ++i)
      shuffled[b * count + i] = raw[i * Size + b];
}

template <std::size_t Size>
void Unshuffle(const std::byte * shuffled, std::size_t count, std::byte * raw)
{
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t b = 0; b < Size; ++b)
      raw[i * Size + b] = shuffled[b * count + i];
}

// A buffer of this thread, reused from patch to patch.
std::span<std::byte> Scratch(std::size_t size)
{
  thread_local std::vector<std::byte> buffer;
  if (buffer.size() < size)
    buffer.resize(size);
  return std::span(buffer).first(size);
}

std::span<const std::byte> Shuffled(std::span<const std::byte> raw, std::size_t elementSize)
{
  if (elementSize == 1)
    return raw;
  const auto target = Scratch(raw.size());
  elementSize == 2 ? Shuffle<2>(raw.data(), raw.size() / 2, target.data())
                   : Shuffle<4>(raw.data(), raw.size() / 4, target.data());
  return target;
}

std::vector<std::byte> Deflate(std::span<const std::byte> bytes)
{
  thread_local std::vector<std::uint8_t> levels(ISAL_DEF_LVL1_DEFAULT);
  std::vector<std::byte> stored(bytes.size() + bytes.size() / 512 + 4096); // more than stored blocks take
  isal_zstream           stream;
  isal_deflate_stateless_init(&stream);
  stream.level = 1;
  stream.level_buf = levels.data();
  stream.level_buf_size = static_cast<std::uint32_t>(levels.size());
  stream.gzip_flag = IGZIP_ZLIB;
  stream.end_of_stream = 1;
  stream.next_in = reinterpret_cast<std::uint8_t *>(const_cast<std::byte *>(bytes.data()));
  stream.avail_in = static_cast<std::uint32_t>(bytes.size());
  stream.next_out = reinterpret_cast<std::uint8_t *>(stored.data());
  stream.avail_out = static_cast<std::uint32_t>(stored.size());
  Require(isal_deflate_stateless(&stream) == COMP_OK, Fault::Internal, "ISA-L failed while compressing a patch");
  stored.resize(stream.total_out);
  return stored;
}

std::vector<std::byte> Zstandard(std::span<const std::byte> bytes)
{
  thread_local const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx *)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  std::vector<std::byte>                                                      stored(ZSTD_compressBound(bytes.size()));
  const auto                                                                  size =
    ZSTD_compressCCtx(context.get(), stored.data(), stored.size(), bytes.data(), bytes.size(), zstdLevel);
  Require(!ZSTD_isError(size), Fault::Internal, "zstd failed while compressing a patch");
  stored.resize(size);
  return stored;
}

bool InflateGzip(std::span<const std::byte> stored, std::span<std::byte> bytes)
{
  thread_local const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor *)> inflater(
    libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  return libdeflate_zlib_decompress(inflater.get(), stored.data(), stored.size(), bytes.data(), bytes.size(),
                                    nullptr) == LIBDEFLATE_SUCCESS;
}

bool InflateZstd(std::span<const std::byte> stored, std::span<std::byte> bytes)
{
  thread_local const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx *)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  return ZSTD_decompressDCtx(context.get(), bytes.data(), bytes.size(), stored.data(), stored.size()) == bytes.size();
}

} // namespace

std::vector<std::byte> Compress(std::span<const std::byte> raw, std::size_t elementSize, Compression compression)
{
  Require(raw.size() < (1ULL << 31), Fault::Usage, "a patch of ", raw.size() >> 20,
          " MiB is too large to be compressed");
  const auto shuffled = Shuffled(raw, elementSize);
  return compression == Compression::Gzip ? Deflate(shuffled) : Zstandard(shuffled);
}

void Inflate(std::span<const std::byte> stored, std::size_t elementSize, Compression compression,
             std::span<std::byte> raw)
{
  const auto bytes = elementSize == 1 ? raw : Scratch(raw.size());
  Require(compression == Compression::Gzip ? InflateGzip(stored, bytes) : InflateZstd(stored, bytes), Fault::Input,
          "a compressed patch is damaged");
  if (elementSize == 2)
    Unshuffle<2>(bytes.data(), bytes.size() / 2, raw.data());
  if (elementSize == 4)
    Unshuffle<4>(bytes.data(), bytes.size() / 4, raw.data());
}

} // namespace serval::cache
