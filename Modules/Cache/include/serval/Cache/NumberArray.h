#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// An array of numbers as another program stored it, first axis slowest, little-endian.
struct NumberArray
{
  enum class Type
  {
    Int8,
    UInt8,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    Float32,
    Float64
  };
  Type                      type = Type::UInt8;
  std::vector<std::int64_t> shape;
  std::vector<std::byte>    bytes;

  static std::size_t SizeOf(Type type);
  std::size_t        Count() const;
  double             At(std::size_t position) const;
};

/// A data set of numbers in any HDF5 file. Fault::Input when there is none of this name (says which there are), or it holds
/// no numbers.
NumberArray ReadHdf5Array(const std::filesystem::path & file, const std::string & name);
/// Names of the data sets in the file's root.
std::vector<std::string> NamesOfHdf5Arrays(const std::filesystem::path & file);

} // namespace serval
