#include "NiftiHeader.h"

#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

// Reads numbers at fixed places, in either byte order.
class Fields
{
public:
  Fields(std::span<const std::byte> bytes, bool swapped)
    : m_Bytes(bytes)
    , m_Swapped(swapped)
  {}

  template <typename T>
  T At(std::size_t place) const
  {
    std::array<std::byte, sizeof(T)> raw{};
    std::memcpy(raw.data(), m_Bytes.subspan(place, sizeof(T)).data(), sizeof(T));
    if (m_Swapped)
      std::reverse(raw.begin(), raw.end());
    return std::bit_cast<T>(raw);
  }
  template <typename T, typename TOut, std::size_t VCount>
  void Copy(std::size_t place, std::array<TOut, VCount> & to) const
  {
    for (std::size_t i = 0; i < VCount; ++i)
      to[i] = At<T>(place + i * sizeof(T));
  }

  /// Of 80 bytes, up to the first zero.
  std::string Text(std::size_t place) const
  {
    const auto bytes = m_Bytes.subspan(place, 80);
    const auto end = std::find(bytes.begin(), bytes.end(), std::byte{ 0 });
    return { reinterpret_cast<const char *>(bytes.data()), static_cast<std::size_t>(end - bytes.begin()) };
  }

private:
  std::span<const std::byte> m_Bytes;
  bool                       m_Swapped;
};

void ReadFirst(const Fields & fields, NiftiHeader & header)
{
  fields.Copy<std::int16_t>(40, header.dim);
  header.datatype = fields.At<std::int16_t>(70);
  fields.Copy<float>(76, header.pixdim);
  header.offset = fields.At<float>(108);
  header.slope = fields.At<float>(112);
  header.intercept = fields.At<float>(116);
  header.units = fields.At<std::uint8_t>(123);
  header.description = fields.Text(148);
  header.qformCode = fields.At<std::int16_t>(252);
  header.sformCode = fields.At<std::int16_t>(254);
  fields.Copy<float>(256, header.quaternion);
  fields.Copy<float>(280, header.sform);
}

void ReadSecond(const Fields & fields, NiftiHeader & header)
{
  header.datatype = fields.At<std::int16_t>(12);
  fields.Copy<std::int64_t>(16, header.dim);
  fields.Copy<double>(104, header.pixdim);
  header.offset = static_cast<double>(fields.At<std::int64_t>(168));
  header.slope = fields.At<double>(176);
  header.intercept = fields.At<double>(184);
  header.qformCode = fields.At<std::int32_t>(344);
  header.sformCode = fields.At<std::int32_t>(348);
  fields.Copy<double>(352, header.quaternion);
  fields.Copy<double>(400, header.sform);
  header.units = fields.At<std::int32_t>(500);
  header.description = fields.Text(240);
}

} // namespace

std::vector<std::int64_t> NiftiHeader::Sizes() const
{
  std::vector<std::int64_t> sizes(dim.begin() + 1, dim.begin() + 1 + dim[0]);
  while (sizes.size() > 3 && sizes.back() == 1)
    sizes.pop_back();
  return sizes;
}

std::int64_t NiftiHeader::Channels() const
{
  std::int64_t count = 1;
  for (std::size_t axis = 4; axis <= static_cast<std::size_t>(dim[0]); ++axis)
    count *= dim[axis];
  return count;
}

NiftiHeader ParseNiftiHeader(std::span<const std::byte> bytes, const fs::path & path)
{
  Require(bytes.size() >= 348, Fault::Input, Shown(path), " is truncated: a NIfTI header has 348 bytes, the file has ",
          bytes.size());
  NiftiHeader        header;
  const std::int32_t plain = Fields(bytes, false).At<std::int32_t>(0), turned = Fields(bytes, true).At<std::int32_t>(0);
  header.swapped = plain != 348 && plain != 540;
  const bool        isSecond = (header.swapped ? turned : plain) == 540;
  const char *      magic = reinterpret_cast<const char *>(bytes.data()) + (isSecond ? 4 : 344);
  const std::string kind(magic, 3);
  Require((header.swapped ? turned == 348 || turned == 540 : true) && (kind == "n+1" || kind == "ni1" || kind == "n+2" || kind == "ni2") &&
            (!isSecond || bytes.size() >= niftiHeaderBytes),
          Fault::Input, Shown(path), " is no NIfTI file (Analyze 7.5 states no orientation and is not read either)");
  header.twoFiles = kind[1] == 'i';
  const Fields fields(bytes, header.swapped);
  if (isSecond)
    ReadSecond(fields, header);
  else
    ReadFirst(fields, header);
  Require(header.dim[0] >= 1 && header.dim[0] <= 7, Fault::Input, Shown(path), " says that it has ", header.dim[0],
          " dimensions");
  for (std::size_t axis = 1; axis <= static_cast<std::size_t>(header.dim[0]); ++axis)
    Require(header.dim[axis] >= 1 && header.dim[axis] < (std::int64_t{ 1 } << 31), Fault::Input, Shown(path), " says that it has ",
            header.dim[axis], " voxels along axis ", axis);
  Require(std::isfinite(header.offset) && header.offset >= 0 && header.offset < 1e9, Fault::Input, Shown(path),
          " says that its voxels begin at byte ", header.offset);
  return header;
}

} // namespace serval
