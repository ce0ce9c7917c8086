#include "serval/Network/TorchFile.h"

#include "Pickle.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/ZipArchive.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using pickle::Pointer;
using Bytes = std::span<const std::byte>;

constexpr std::uint64_t maximumFile = 1ULL << 36;

/// The folder in which everything lies, with its slash: PyTorch names it after the file.
std::string FolderOf(const ZipArchive & archive, const fs::path & file)
{
  for (const auto & name : archive.Names())
    if (name.ends_with("/data.pkl"))
      return name.substr(0, name.size() - 8);
  Fail(Fault::Input, "'", file.string(), "' is a zip archive without data.pkl; a file of torch.save or torch.jit.save is expected");
}

struct ElementType
{
  std::size_t                            size;
  std::function<float(const std::byte *)> read;
};

template <typename T>
ElementType Element()
{
  return { sizeof(T), [](const std::byte * at) {
            T value;
            std::memcpy(&value, at, sizeof(T));
            return static_cast<float>(value);
          } };
}

float FromBFloat16(const std::byte * at)
{
  std::uint16_t bits;
  std::memcpy(&bits, at, 2);
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

float FromHalf(const std::byte * at) // IEEE 754 binary16
{
  std::uint16_t bits;
  std::memcpy(&bits, at, 2);
  const float sign = (bits & 0x8000U) ? -1.0F : 1.0F;
  const int   exponent = (bits >> 10) & 0x1f, fraction = bits & 0x3ff;
  if (exponent == 0x1f)
    return fraction ? std::numeric_limits<float>::quiet_NaN() : sign * std::numeric_limits<float>::infinity();
  return sign * (exponent == 0 ? std::ldexp(float(fraction), -24) : std::ldexp(float(fraction + 1024), exponent - 25));
}

ElementType TypeOf(const std::string & storage, const std::string & where)
{
  static const std::map<std::string, ElementType> known{
    { "FloatStorage", Element<float>() },           { "DoubleStorage", Element<double>() },
    { "LongStorage", Element<std::int64_t>() },     { "IntStorage", Element<std::int32_t>() },
    { "ShortStorage", Element<std::int16_t>() },    { "CharStorage", Element<std::int8_t>() },
    { "ByteStorage", Element<std::uint8_t>() },     { "BoolStorage", Element<std::uint8_t>() },
    { "HalfStorage", { 2, FromHalf } },             { "BFloat16Storage", { 2, FromBFloat16 } }
  };
  const auto found = known.find(storage);
  Require(found != known.end(), Fault::Input, where, " holds numbers of the type ", storage, ", which are not read");
  return found->second;
}

/// Copies the elements of a strided tensor into an array, row-major.
TensorFile::Array Gather(const pickle::Tensor & tensor, Bytes storage, const std::string & where)
{
  const auto   type = TypeOf(tensor.storage.type, where);
  const auto   held = static_cast<std::int64_t>(storage.size() / type.size);
  constexpr std::int64_t limit = 1LL << 30; // so that no product overflows
  std::int64_t count = 1, last = tensor.offset;
  Require(tensor.shape.size() == tensor.strides.size() && tensor.shape.size() <= 16 && tensor.offset >= 0, Fault::Input, where,
          " has an impossible shape");
  for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis)
  {
    const auto size = tensor.shape[axis], stride = tensor.strides[axis];
    Require(size >= 0 && size <= limit && stride >= 0 && stride <= limit && count <= limit && last <= limit, Fault::Input, where,
            " has an impossible shape");
    count *= size;
    last += size > 0 ? (size - 1) * stride : 0;
  }
  Require(count == 0 || (last < held && count <= limit), Fault::Input, where, " reaches beyond its storage of ", held, " numbers");
  TensorFile::Array         array{ tensor.shape, std::vector<float>(static_cast<std::size_t>(count)) };
  std::vector<std::int64_t> index(tensor.shape.size(), 0);
  for (float & value : array.values)
  {
    std::int64_t at = tensor.offset;
    for (std::size_t axis = 0; axis < index.size(); ++axis)
      at += index[axis] * tensor.strides[axis];
    value = type.read(storage.data() + static_cast<std::size_t>(at) * type.size);
    for (std::size_t axis = index.size(); axis-- > 0 && ++index[axis] == tensor.shape[axis];)
      index[axis] = 0;
  }
  return array;
}

using Tensors = std::map<std::string, pickle::Tensor>;

std::string KeyText(const Pointer & key)
{
  if (const auto * text = std::get_if<std::string>(&key->held))
    return *text;
  if (const auto * number = std::get_if<std::int64_t>(&key->held))
    return std::to_string(*number);
  return "?";
}

// Every tensor in nested containers, by the way to it. Containers that contain themselves end at a depth.
void Collect(const Pointer & value, const std::string & name, int depth, Tensors & tensors)
{
  constexpr int deepest = 64;
  const auto    join = [&](const std::string & key) { return name.empty() ? key : name + '.' + key; };
  if (depth > deepest)
    return;
  if (const auto * tensor = std::get_if<pickle::Tensor>(&value->held))
    tensors[name.empty() ? "tensor" : name] = *tensor;
  else if (const auto * dictionary = std::get_if<pickle::Dictionary>(&value->held))
    for (const auto & [key, item] : dictionary->items)
      Collect(item, join(KeyText(key)), depth + 1, tensors);
  else if (const auto * list = std::get_if<pickle::List>(&value->held))
    for (std::size_t i = 0; i < list->items.size(); ++i)
      Collect(list->items[i], join(std::to_string(i)), depth + 1, tensors);
}

template <typename TStorage>
void Fill(TorchFile & file, const Pointer & root, const std::string & name, TStorage storageOf)
{
  Tensors tensors;
  Collect(root, {}, 0, tensors);
  Require(!tensors.empty(), Fault::Input, name, " holds no tensor");
  for (const auto & [key, tensor] : tensors)
    file.arrays[key] = Gather(tensor, storageOf(tensor.storage), Concat("the tensor '", key, "' of ", name));
}

TorchFile ReadZip(const fs::path & path, const std::string & name)
{
  const ZipArchive  archive(path);
  const std::string folder = FolderOf(archive, path);
  if (archive.Has(folder + "byteorder"))
  {
    const auto order = archive.Read(folder + "byteorder");
    Require(std::string_view(reinterpret_cast<const char *>(order.data()), order.size()).starts_with("little"), Fault::Input, name,
            " was written on a big-endian machine");
  }
  TorchFile file;
  file.kind = archive.Has(folder + "constants.pkl") ? TorchFile::Kind::TorchScript : TorchFile::Kind::Zip;
  const auto pickled = archive.Read(folder + "data.pkl");
  Bytes      rest(pickled);
  std::map<std::string, std::vector<std::byte>> storages;
  Fill(file, pickle::Load(rest, name), name, [&](const pickle::Storage & storage) {
    const auto [at, fresh] = storages.try_emplace(storage.key);
    if (fresh)
      at->second = archive.Read(folder + "data/" + storage.key);
    return Bytes(at->second);
  });
  return file;
}

// Magic number, protocol, machine, the object, the keys of its storages; then of each a count and raw numbers.
TorchFile ReadLegacy(const std::string & text, const std::string & name)
{
  Bytes      rest = std::as_bytes(std::span(text.data(), text.size()));
  const auto first = pickle::Load(rest, name);
  const auto * magic = std::get_if<std::int64_t>(&first->held);
  // the low 64 bits of PyTorch's magic number 0x1950a86a20f9469cfc6c
  Require(magic && static_cast<std::uint64_t>(*magic) == 0xa86a20f9469cfc6cULL, Fault::Input, name,
          " is a pickle, but none of torch.save");
  pickle::Load(rest, name);
  pickle::Load(rest, name);
  TorchFile  file{ TorchFile::Kind::Legacy, {} };
  const auto root = pickle::Load(rest, name), keys = pickle::Load(rest, name);
  Tensors    tensors;
  Collect(root, {}, 0, tensors);
  std::map<std::string, std::string> typeOf;
  for (const auto & [key, tensor] : tensors)
    typeOf[tensor.storage.key] = tensor.storage.type;
  const auto * list = std::get_if<pickle::List>(&keys->held);
  Require(list != nullptr, Fault::Input, name, " has no list of storages");
  std::map<std::string, Bytes> storages;
  for (const auto & item : list->items)
  {
    const std::string key = KeyText(item);
    std::int64_t      count = 0;
    Require(rest.size() >= 8, Fault::Input, name, " is truncated before the storage '", key, "'");
    std::memcpy(&count, rest.data(), 8);
    const auto size = typeOf.contains(key) ? TypeOf(typeOf[key], name).size : 4; // unused ones are almost always float32
    Require(count >= 0 && static_cast<std::uint64_t>(count) <= (rest.size() - 8) / size, Fault::Input, name,
            " is truncated in the storage '", key, "'");
    storages[key] = rest.subspan(8, static_cast<std::size_t>(count) * size);
    rest = rest.subspan(8 + storages[key].size());
  }
  Fill(file, root, name, [&](const pickle::Storage & storage) { return storages[storage.key]; });
  return file;
}

} // namespace

TorchFile TorchFile::Read(const fs::path & path)
{
  const std::string name = "'" + path.string() + "'";
  const std::string text = ReadTextFile(path, maximumFile);
  if (text.starts_with("PK"))
    return ReadZip(path, name);
  Require(text.starts_with("\x80"), Fault::Input, name, " is no file of torch.save: neither a zip archive nor a pickle",
          text.find("ustar") != std::string::npos ? " (tar archives of PyTorch before 0.1.10 are not read)" : "");
  return ReadLegacy(text, name);
}

} // namespace serval
