#include "serval/Core/TensorFile.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"

#include <nlohmann/json.hpp>

#include <bit>
#include <cstring>

namespace serval
{
namespace
{

using nlohmann::json;
static_assert(std::endian::native == std::endian::little, "safetensors is little-endian");

json ParseHeader(const std::string & bytes, const std::string & name)
{
  std::uint64_t length = 0;
  Require(bytes.size() > 8, Fault::Input, name, " is no safetensors file: it has ", bytes.size(), " bytes");
  std::memcpy(&length, bytes.data(), 8);
  Require(length >= 2 && length <= 100'000'000 && length <= bytes.size() - 8, Fault::Input, name,
          " is no safetensors file, or it is truncated: its first eight bytes are no header length");
  try
  {
    json header = json::parse(bytes.begin() + 8, bytes.begin() + 8 + static_cast<std::ptrdiff_t>(length));
    Require(header.is_object(), Fault::Input, name, " is no safetensors file: its header is no JSON object");
    return header;
  }
  catch (const json::exception &)
  {
    Fail(Fault::Input, name, " is no safetensors file: its header is no JSON");
  }
}

TensorFile::Array ReadArray(const json & entry, const std::string & bytes, std::size_t begin, const std::string & where)
{
  TensorFile::Array array;
  const std::string type = entry.at("dtype");
  Require(type == "F32", Fault::Input, where, " has the type ", type, "; F32 is expected");
  entry.at("shape").get_to(array.shape);
  std::uint64_t count = 1;
  for (const auto size : array.shape)
  {
    Require(size >= 0 && size <= (1LL << 40) && (size == 0 || count <= (1ULL << 40) / std::uint64_t(size)),
            Fault::Input, where, " has an impossible shape");
    count *= static_cast<std::uint64_t>(size);
  }
  const auto offsets = entry.at("data_offsets").get<std::array<std::uint64_t, 2>>();
  Require(offsets[0] <= offsets[1] && offsets[1] <= bytes.size() - begin && offsets[1] - offsets[0] == 4 * count,
          Fault::Input, where, " lies outside the file, which is truncated or damaged");
  array.values.resize(count);
  std::memcpy(array.values.data(), bytes.data() + begin + offsets[0], 4 * count);
  return array;
}

} // namespace

TensorFile TensorFile::Read(const std::filesystem::path & file)
{
  const std::string bytes = ReadTextFile(file, 1ULL << 36);
  const std::string name = "'" + file.string() + "'";
  const json        header = ParseHeader(bytes, name);
  std::uint64_t     length = 0;
  std::memcpy(&length, bytes.data(), 8);
  TensorFile result;
  try
  {
    for (const auto & [key, entry] : header.items())
      if (key == "__metadata__")
        entry.get_to(result.metadata);
      else
        result.arrays[key] = ReadArray(entry, bytes, 8 + length, name + ": array '" + key + "'");
  }
  catch (const json::exception & e)
  {
    Fail(Fault::Input, name, " has a damaged safetensors header: ", e.what());
  }
  return result;
}

void TensorFile::Write(const std::filesystem::path & file) const
{
  json          header = json::object();
  std::uint64_t offset = 0;
  if (!metadata.empty())
    header["__metadata__"] = metadata;
  for (const auto & [name, array] : arrays)
  {
    const std::uint64_t end = offset + 4 * array.values.size();
    header[name] = { { "dtype", "F32" }, { "shape", array.shape }, { "data_offsets", { offset, end } } };
    offset = end;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  std::string         bytes(reinterpret_cast<const char *>(&length), 8);
  bytes.reserve(8 + length + offset);
  bytes += text;
  for (const auto & [name, array] : arrays)
    bytes.append(reinterpret_cast<const char *>(array.values.data()), 4 * array.values.size());
  WriteTextFile(file, bytes);
}

} // namespace serval
