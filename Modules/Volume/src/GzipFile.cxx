#include "GzipFile.h"

#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"

#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

struct FreeDecompressor
{
  void operator()(libdeflate_decompressor * d) const { libdeflate_free_decompressor(d); }
};

} // namespace

bool IsGzip(const fs::path & path)
{
  std::array<char, 2> magic{};
  std::ifstream       file(path, std::ios::binary);
  file.read(magic.data(), magic.size());
  return magic == std::array{ '\x1f', '\x8b' };
}

void ByteStream::Close::operator()(gzFile_s * file) const { gzclose(file); }

ByteStream::ByteStream(const fs::path & path)
  : m_Path(path)
  , m_File(gzopen(path.c_str(), "rb"))
{
  Require(m_File != nullptr, Fault::Input, Shown(path), " cannot be opened");
  gzbuffer(m_File.get(), 1 << 18);
}

void ByteStream::Read(std::size_t begin, std::span<std::byte> to)
{
  gzseek(m_File.get(), static_cast<z_off_t>(begin), SEEK_SET);
  for (std::size_t done = 0; done < to.size();)
  {
    const auto part = static_cast<unsigned>(std::min<std::size_t>(to.size() - done, 1U << 30));
    const int  got = gzread(m_File.get(), to.data() + done, part);
    Require(got > 0, Fault::Input, Shown(m_Path), " is truncated or damaged: ", done,
            " bytes of voxels were read, ", to.size(), " are expected");
    done += static_cast<std::size_t>(got);
  }
}

void ByteStream::CheckRest()
{
  std::vector<std::byte> ignored(1 << 16);
  int                    got = 1;
  while (got > 0)
    got = gzread(m_File.get(), ignored.data(), static_cast<unsigned>(ignored.size()));
  Require(got == 0, Fault::Input, Shown(m_Path), " is truncated or damaged: its checksum is wrong");
}

PackedFile::PackedFile(const fs::path & path)
  : m_Path(path)
  , m_Length(fs::file_size(path))
  , m_Bytes(std::make_unique_for_overwrite<std::byte[]>(m_Length))
{
  std::ifstream file;
  file.rdbuf()->pubsetbuf(nullptr, 0); // straight into the buffer
  file.open(path, std::ios::binary);
  file.read(reinterpret_cast<char *>(m_Bytes.get()), static_cast<std::streamsize>(m_Length));
  Require(file.good() && m_Length >= 18, Fault::Input, Shown(path), " is truncated or cannot be read");
}

std::vector<std::byte> PackedFile::Head(std::size_t count) const
{
  std::vector<std::byte> head(count);
  z_stream               stream{};
  Require(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK, Fault::Environment, "zlib cannot be started");
  stream.next_in = reinterpret_cast<Bytef *>(m_Bytes.get());
  stream.avail_in = static_cast<uInt>(std::min<std::size_t>(m_Length, 1U << 30));
  stream.next_out = reinterpret_cast<Bytef *>(head.data());
  stream.avail_out = static_cast<uInt>(count);
  inflate(&stream, Z_SYNC_FLUSH);
  head.resize(count - stream.avail_out);
  inflateEnd(&stream);
  return head;
}

std::size_t PackedFile::StatedLength() const
{
  const auto * end = reinterpret_cast<const unsigned char *>(m_Bytes.get()) + m_Length;
  return end[-4] | end[-3] << 8 | end[-2] << 16 | std::size_t{ end[-1] } << 24;
}

bool PackedFile::InflateInto(std::span<std::byte> to) const
{
  const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> inflater(libdeflate_alloc_decompressor());
  Require(inflater != nullptr, Fault::Environment, "no memory to inflate ", Shown(m_Path));
  return libdeflate_gzip_decompress(inflater.get(), m_Bytes.get(), m_Length, to.data(), to.size(), nullptr) ==
         LIBDEFLATE_SUCCESS;
}

} // namespace serval
