#include "NiftiVoxels.h"

#include "PixelConversion.h"
#include "serval/Core/Error.h"

#include <zlib.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

struct CloseGzip
{
  void operator()(gzFile_s * file) const { gzclose(file); }
};
using GzipFile = std::unique_ptr<gzFile_s, CloseGzip>; // reads plain files too

GzipFile OpenGzip(const fs::path & path)
{
  GzipFile file(gzopen(path.c_str(), "rb"));
  Require(file != nullptr, Fault::Input, "'", path.string(), "' cannot be opened");
  gzbuffer(file.get(), 1 << 18);
  return file;
}

void ReadBytes(gzFile_s * file, void * to, std::size_t bytes, const fs::path & path)
{
  std::size_t done = 0;
  while (done < bytes)
  {
    const auto part = static_cast<unsigned>(std::min<std::size_t>(bytes - done, 1U << 30));
    const int  got = gzread(file, static_cast<char *>(to) + done, part);
    Require(got > 0, Fault::Input, "'", path.string(), "' is truncated or damaged: ", done, " bytes of voxels were read, ",
            bytes, " are expected");
    done += static_cast<std::size_t>(got);
  }
}

template <typename T>
void SwapBytes(T & value)
{
  auto bytes = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
  std::reverse(bytes.begin(), bytes.end());
  value = std::bit_cast<T>(bytes);
}

// The fields of the 348 bytes of a NIfTI-1 header that voxels need.
struct Header
{
  bool          swapped = false, twoFiles = false;
  std::int16_t  datatype = 0;
  float         offset = 0, slope = 0, intercept = 0;
};

template <typename T>
T Field(const std::array<char, 348> & bytes, std::size_t at, bool swapped)
{
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  if (swapped)
    SwapBytes(value);
  return value;
}

Header ReadHeader(const fs::path & path)
{
  std::array<char, 348> bytes{};
  ReadBytes(OpenGzip(path).get(), bytes.data(), bytes.size(), path);
  Header header;
  header.swapped = Field<std::int32_t>(bytes, 0, false) != 348;
  header.twoFiles = std::string_view(bytes.data() + 344, 3) == "ni1";
  header.datatype = Field<std::int16_t>(bytes, 70, header.swapped);
  header.offset = Field<float>(bytes, 108, header.swapped);
  header.slope = Field<float>(bytes, 112, header.swapped);
  header.intercept = Field<float>(bytes, 116, header.swapped);
  Require(std::isfinite(header.offset) && header.offset >= 0 && header.offset < 1e9F, Fault::Input, "'", path.string(),
          "' says that its voxels begin at byte ", header.offset);
  return header;
}

fs::path DataFile(const fs::path & path, bool twoFiles)
{
  if (!twoFiles)
    return path;
  std::string name = path.string();
  const auto  at = name.rfind(".hdr");
  if (at != std::string::npos)
    name.replace(at, 4, ".img");
  return fs::exists(name) ? name : name + ".gz";
}

template <typename T>
Voxels Load(const fs::path & path, const Header & header, std::size_t count)
{
  const fs::path data = DataFile(path, header.twoFiles);
  const auto     file = OpenGzip(data);
  gzseek(file.get(), static_cast<z_off_t>(header.offset), SEEK_SET);
  std::vector<T> values(count);
  ReadBytes(file.get(), values.data(), count * sizeof(T), data);
  if (header.swapped)
    for (T & value : values)
      SwapBytes(value);
  const bool isScaled = std::isfinite(header.slope) && std::isfinite(header.intercept) && header.slope != 0 &&
                        (header.slope != 1 || header.intercept != 0);
  if (!isScaled)
    return Narrowed(std::move(values));
  std::vector<float> scaled(count);
  std::transform(values.begin(), values.end(), scaled.begin(), [&](T value) {
    return static_cast<float>(static_cast<double>(value) * header.slope + header.intercept);
  });
  return scaled;
}

} // namespace

Voxels ReadNiftiVoxels(const fs::path & path, std::size_t count)
{
  const Header header = ReadHeader(path);
  switch (header.datatype) // codes of nifti1.h
  {
    case 2: return Load<std::uint8_t>(path, header, count);
    case 4: return Load<std::int16_t>(path, header, count);
    case 8: return Load<std::int32_t>(path, header, count);
    case 16: return Load<float>(path, header, count);
    case 64: return Load<double>(path, header, count);
    case 256: return Load<std::int8_t>(path, header, count);
    case 512: return Load<std::uint16_t>(path, header, count);
    case 768: return Load<std::uint32_t>(path, header, count);
    case 1024: return Load<std::int64_t>(path, header, count);
    case 1280: return Load<std::uint64_t>(path, header, count);
    default: break;
  }
  Fail(Fault::Input, "'", path.string(), "' holds NIfTI voxels of type ", header.datatype,
       "; whole numbers or 32 or 64 bit floating point are expected");
}

} // namespace serval
