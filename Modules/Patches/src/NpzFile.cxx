#include "NpzFile.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <libdeflate.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <string_view>

// The zip format: PKWARE APPNOTE 6.3; the array format: NumPy's documentation of numpy.lib.format.
namespace serval
{
namespace
{

constexpr std::uint64_t largestArray = 1ULL << 36;

std::uint64_t Number(std::string_view bytes, std::uint64_t at, int size)
{
  Require(at + std::uint64_t(size) <= bytes.size(), Fault::Input, "a table of the zip file is truncated");
  std::uint64_t value = 0;
  for (int i = 0; i < size; ++i)
    value |= std::uint64_t(static_cast<unsigned char>(bytes[at + std::uint64_t(i)])) << (8 * i);
  return value;
}

// A size or offset that does not fit 32 bits stands in the extra field 1, in the order of those that do not fit.
void ReadZip64(std::string_view extra, std::initializer_list<std::uint64_t *> fields)
{
  for (std::uint64_t at = 0; at + 4 <= extra.size(); at += 4 + Number(extra, at + 2, 2))
    if (std::uint64_t next = at + 4; Number(extra, at, 2) == 1)
      for (std::uint64_t * field : fields)
        if (*field == 0xffffffffU)
        {
          *field = Number(extra, next, 8);
          next += 8;
        }
}

NumberArray::Type TypeOf(std::string_view word)
{
  using Type = NumberArray::Type;
  static const std::map<std::string_view, Type> known{
    { "|b1", Type::UInt8 }, { "|u1", Type::UInt8 },   { "|i1", Type::Int8 },   { "<u2", Type::UInt16 },
    { "<i2", Type::Int16 }, { "<u4", Type::UInt32 },  { "<i4", Type::Int32 },  { "<i8", Type::Int64 },
    { "<u8", Type::Int64 }, { "<f4", Type::Float32 }, { "<f8", Type::Float64 }
  };
  Require(word.find('O') == std::string_view::npos, Fault::Input,
          "an array of Python objects is not read: it could run code");
  const auto found = known.find(word);
  Require(found != known.end(), Fault::Input, "the element type '", word, "' is not read; little-endian numbers are");
  return found->second;
}

// The text after `key` in the header's dictionary, up to `end`.
std::string_view ValueOf(std::string_view header, std::string_view key, std::string_view end)
{
  const auto at = header.find(key);
  Require(at != std::string_view::npos, Fault::Input, "the array's header lacks ", key);
  const auto from = header.find(':', at + key.size());
  const auto to = header.find(end, from == std::string_view::npos ? header.size() : from);
  Require(to != std::string_view::npos, Fault::Input, "the array's header is damaged");
  return header.substr(from + 1, to - from - 1);
}

std::string Unquoted(std::string_view text)
{
  std::string result = Trim(text);
  std::erase_if(result, [](char c) { return c == '\'' || c == '"' || c == '('; });
  return result;
}

NumberArray ParseArray(std::string_view bytes)
{
  Require(bytes.size() > 10 && bytes.starts_with("\x93NUMPY"), Fault::Input, "no array in NumPy's format");
  const bool          isOld = bytes[6] == 1;
  const std::uint64_t first = isOld ? 10 : 12, length = Number(bytes, 8, isOld ? 2 : 4);
  Require(length <= bytes.size() - first, Fault::Input, "the array's header is truncated");
  const auto  header = bytes.substr(first, length);
  NumberArray array;
  array.type = TypeOf(Unquoted(ValueOf(header, "'descr'", ",")));
  Require(Trim(ValueOf(header, "'fortran_order'", ",")) == "False", Fault::Input,
          "the array lies in Fortran's order; save it in C's");
  std::uint64_t count = 1;
  for (const auto & part : Split(Unquoted(ValueOf(header, "'shape'", ")")), ','))
    if (!Trim(part).empty())
    {
      const auto size = ParseInteger(Trim(part));
      Require(size && *size >= 0 && (*size == 0 || count <= largestArray / std::uint64_t(*size)), Fault::Input,
              "the array's shape is damaged");
      array.shape.push_back(*size);
      count *= std::uint64_t(*size);
    }
  const auto data = bytes.substr(first + length);
  Require(data.size() == count * NumberArray::SizeOf(array.type), Fault::Input, "the array has ", data.size(),
          " bytes; ", count * NumberArray::SizeOf(array.type), " are expected");
  array.bytes.resize(data.size());
  std::memcpy(array.bytes.data(), data.data(), data.size());
  return array;
}

std::string Inflate(std::string_view packed, std::uint64_t size)
{
  // Deflate packs at most 1032 to 1.
  Require(size <= largestArray && size / 1032 <= packed.size() + 1, Fault::Input, "its size is impossible");
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor *)> inflater(
    libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  std::string bytes(size, '\0');
  Require(inflater && libdeflate_deflate_decompress(inflater.get(), packed.data(), packed.size(), bytes.data(), size,
                                                    nullptr) == LIBDEFLATE_SUCCESS,
          Fault::Input, "its compressed bytes are damaged");
  return bytes;
}

} // namespace

NpzFile::NpzFile(const std::filesystem::path & file)
  : m_File(file)
  , m_Bytes(ReadTextFile(file, largestArray))
{
  try
  {
    if (m_Bytes.starts_with("\x93NUMPY"))
      m_Members[""] = { 0, m_Bytes.size(), m_Bytes.size(), 0, false };
    else
      ListMembers();
  }
  catch (const Error & e)
  {
    Fail(Fault::Input, "'", Shown(file), "' is no .npz or .npy file of NumPy, or it is damaged: ", e.what());
  }
}

void NpzFile::ListMembers()
{
  const std::string_view bytes = m_Bytes;
  const auto             end = bytes.rfind("PK\x05\x06");
  Require(bytes.starts_with("PK") && end != std::string_view::npos, Fault::Input, "it is no zip file");
  std::uint64_t count = Number(bytes, end + 10, 2), at = Number(bytes, end + 16, 4);
  if (count == 0xffff || at == 0xffffffffU)
  { // the locator of the 64-bit record stands before this one
    Require(end >= 20, Fault::Input, "it is truncated");
    const auto record = Number(bytes, end - 20 + 8, 8);
    count = Number(bytes, record + 32, 8);
    at = Number(bytes, record + 48, 8);
  }
  for (std::uint64_t i = 0; i < count; ++i)
  {
    Require(Number(bytes, at, 4) == 0x02014b50U, Fault::Input, "its list of members is damaged");
    AddMember(at);
    at += 46 + Number(bytes, at + 28, 2) + Number(bytes, at + 30, 2) + Number(bytes, at + 32, 2);
  }
}

void NpzFile::AddMember(std::uint64_t at)
{
  const std::string_view bytes = m_Bytes;
  const auto             nameLength = Number(bytes, at + 28, 2), extraLength = Number(bytes, at + 30, 2),
             method = Number(bytes, at + 10, 2);
  std::string name(bytes.substr(std::min<std::uint64_t>(at + 46, bytes.size()), nameLength));
  Member      member{ Number(bytes, at + 42, 4), Number(bytes, at + 20, 4), Number(bytes, at + 24, 4),
                 static_cast<std::uint32_t>(Number(bytes, at + 16, 4)), method == 8 };
  ReadZip64(bytes.substr(std::min<std::uint64_t>(at + 46 + nameLength, bytes.size()), extraLength),
            { &member.size, &member.packed, &member.offset });
  Require(method == 0 || method == 8, Fault::Input, "member '", name, "' is packed by method ", method,
          "; 0 or 8 (deflate) is expected");
  if (name.ends_with(".npy"))
    m_Members[name.substr(0, name.size() - 4)] = member;
}

std::vector<std::string> NpzFile::Names() const
{
  std::vector<std::string> names;
  for (const auto & [name, member] : m_Members)
    names.push_back(name);
  return names;
}

NumberArray NpzFile::Read(const std::string & name) const
{
  const auto found = m_Members.find(name);
  Require(found != m_Members.end(), Fault::Input, "'", Shown(m_File), "' has no array '", name,
          "'; it has: ", Join(Names(), ", "));
  try
  {
    const Member &         member = found->second;
    const std::string_view bytes = m_Bytes;
    if (name.empty())
      return ParseArray(bytes);
    const auto first = member.offset + 30 + Number(bytes, member.offset + 26, 2) + Number(bytes, member.offset + 28, 2);
    Require(first <= bytes.size() && member.packed <= bytes.size() - first, Fault::Input, "it is truncated");
    const auto        packed = bytes.substr(first, member.packed);
    const std::string inflated = member.isDeflated ? Inflate(packed, member.size) : std::string();
    const auto        whole = member.isDeflated ? std::string_view(inflated) : packed;
    Require(libdeflate_crc32(0, whole.data(), whole.size()) == member.checksum, Fault::Input, "its checksum is wrong");
    return ParseArray(whole);
  }
  catch (const Error & e)
  {
    Fail(Fault::Input, "array '", name, "' of '", Shown(m_File), "': ", e.what());
  }
}

} // namespace serval
