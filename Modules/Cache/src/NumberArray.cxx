#include "serval/Cache/NumberArray.h"

#include "Hdf5.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <cstring>
#include <functional>
#include <numeric>

namespace serval
{
namespace
{

using Type = NumberArray::Type;

struct KnownType
{
  Type  type;
  hid_t stored; ///< little-endian, as it is read
};

std::vector<KnownType> KnownTypes()
{
  return { { Type::Int8, H5T_STD_I8LE },     { Type::UInt8, H5T_STD_U8LE },   { Type::Int16, H5T_STD_I16LE },
           { Type::UInt16, H5T_STD_U16LE },  { Type::Int32, H5T_STD_I32LE },  { Type::UInt32, H5T_STD_U32LE },
           { Type::Int64, H5T_STD_I64LE },   { Type::Float32, H5T_IEEE_F32LE }, { Type::Float64, H5T_IEEE_F64LE } };
}

template <typename T>
double Number(const std::byte * at)
{
  T value;
  std::memcpy(&value, at, sizeof(T));
  return static_cast<double>(value);
}

// Of the class, size and sign of a known type, in any byte order.
KnownType TypeOfNumbers(hid_t type, const std::string & what)
{
  for (const auto & known : KnownTypes())
    if (H5Tget_class(type) == H5Tget_class(known.stored) && H5Tget_size(type) == H5Tget_size(known.stored) &&
        (H5Tget_class(type) != H5T_INTEGER || H5Tget_sign(type) == H5Tget_sign(known.stored)))
      return known;
  Fail(Fault::Input, what, " holds no numbers of 8 to 64 bits");
}

} // namespace

std::size_t NumberArray::SizeOf(Type type)
{
  switch (type)
  {
    case Type::Int8:
    case Type::UInt8: return 1;
    case Type::Int16:
    case Type::UInt16: return 2;
    case Type::Int32:
    case Type::UInt32:
    case Type::Float32: return 4;
    case Type::Int64:
    case Type::Float64: return 8;
  }
  return 0;
}

std::size_t NumberArray::Count() const
{
  return static_cast<std::size_t>(std::accumulate(shape.begin(), shape.end(), std::int64_t{ 1 }, std::multiplies<>()));
}

double NumberArray::At(std::size_t position) const
{
  const std::byte * at = bytes.data() + position * SizeOf(type);
  switch (type)
  {
    case Type::Int8: return Number<std::int8_t>(at);
    case Type::UInt8: return Number<std::uint8_t>(at);
    case Type::Int16: return Number<std::int16_t>(at);
    case Type::UInt16: return Number<std::uint16_t>(at);
    case Type::Int32: return Number<std::int32_t>(at);
    case Type::UInt32: return Number<std::uint32_t>(at);
    case Type::Int64: return Number<std::int64_t>(at);
    case Type::Float32: return Number<float>(at);
    case Type::Float64: return Number<double>(at);
  }
  return 0;
}

std::vector<std::string> NamesOfHdf5Arrays(const std::filesystem::path & path)
{
  const hdf5::File         file = hdf5::OpenForReading(path);
  std::vector<std::string> names;
  const auto               add = [](hid_t where, const char * name, const H5L_info_t *, void * list) -> herr_t {
    const hid_t dataset = H5Dopen2(where, name, H5P_DEFAULT);
    if (dataset >= 0)
    {
      static_cast<std::vector<std::string> *>(list)->emplace_back(name);
      H5Dclose(dataset);
    }
    return 0;
  };
  H5Literate(file, H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names);
  return names;
}

NumberArray ReadHdf5Array(const std::filesystem::path & path, const std::string & name)
{
  const std::string what = "'" + name + "' of '" + Shown(path) + "'";
  const hdf5::File  file = hdf5::OpenForReading(path);
  Require(H5Lexists(file, name.c_str(), H5P_DEFAULT) > 0, Fault::Input, "'", Shown(path), "' has no data set '", name, "'; it has: ",
          Join(NamesOfHdf5Arrays(path), ", "));
  const hdf5::Dataset dataset(H5Dopen2(file, name.c_str(), H5P_DEFAULT), "opening " + what);
  const hdf5::Type    type(H5Dget_type(dataset), "reading " + what);
  const KnownType     known = TypeOfNumbers(type, what);
  const hdf5::Space   space(H5Dget_space(dataset), "reading " + what);
  const int           rank = H5Sget_simple_extent_ndims(space);
  Require(rank > 0 && rank <= 8, Fault::Input, what, " has ", rank, " axes; 1 to 8 are expected");
  std::vector<hsize_t> shape(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space, shape.data(), nullptr);
  constexpr hsize_t most = hsize_t{ 1 } << 36;
  hsize_t           count = 1;
  for (const auto size : shape)
  {
    Require(size == 0 || count <= most / size, Fault::Input, what, " is larger than 64 GB");
    count *= size;
  }
  NumberArray array{ known.type, std::vector<std::int64_t>(shape.begin(), shape.end()), {} };
  array.bytes.resize(count * NumberArray::SizeOf(known.type));
  Require(count == 0 || H5Dread(dataset, known.stored, H5S_ALL, H5S_ALL, H5P_DEFAULT, array.bytes.data()) >= 0, Fault::Input,
          "HDF5 failed while reading ", what);
  return array;
}

} // namespace serval
