#pragma once

#include "serval/Core/Error.h"

#include <hdf5.h>

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace serval::hdf5
{

/// Owner of one HDF5 identifier.
template <herr_t (*Close)(hid_t)>
class Handle
{
public:
  Handle(hid_t id, std::string_view doing)
    : m_Id(id)
  {
    Require(id >= 0, Fault::Input, "HDF5 failed while ", doing);
  }
  Handle(Handle && other) noexcept
    : m_Id(std::exchange(other.m_Id, -1))
  {}
  Handle & operator=(Handle && other) noexcept
  {
    std::swap(m_Id, other.m_Id);
    return *this;
  }
  ~Handle()
  {
    if (m_Id >= 0)
      Close(m_Id);
  }
  operator hid_t() const noexcept { return m_Id; }

private:
  hid_t m_Id;
};

using File = Handle<H5Fclose>;
using Group = Handle<H5Gclose>;
using Dataset = Handle<H5Dclose>;
using Space = Handle<H5Sclose>;
using Type = Handle<H5Tclose>;
using Attribute = Handle<H5Aclose>;
using Properties = Handle<H5Pclose>;

/// Native type of a C++ number.
template <typename T>
hid_t TypeOf();

/// HDF5 may be built without thread safety: all work with it in threads goes under this lock.
std::recursive_mutex & Lock();
/// Keeps HDF5's own error stack off stderr; our errors say what happened.
void Quiet();
File OpenForReading(const std::filesystem::path & file);
/// Datasets of `alignedFrom` bytes or more begin at multiples of `alignment`.
File Create(const std::filesystem::path & file, hsize_t alignedFrom = 1, hsize_t alignment = 1);

/// A contiguous dataset without time stamps.
void WriteDataset(hid_t where, const std::string & name, hid_t type, const std::vector<hsize_t> & shape, const void * data);
void WriteTexts(hid_t where, const std::string & name, const std::vector<std::string> & texts);
void WriteAttribute(hid_t where, const std::string & name, const std::string & text);
void WriteAttribute(hid_t where, const std::string & name, std::int64_t number);

std::string  ReadTextAttribute(hid_t where, const std::string & name);
std::int64_t ReadIntegerAttribute(hid_t where, const std::string & name);
/// Shape; Fault::Input when the dataset is missing or has another rank.
std::vector<hsize_t>     ShapeOf(hid_t dataset, std::size_t rank, const std::string & name);
std::vector<std::string> ReadTexts(hid_t where, const std::string & name);

template <typename T>
void WriteVector(hid_t where, const std::string & name, const std::vector<hsize_t> & shape, const std::vector<T> & values)
{
  WriteDataset(where, name, TypeOf<T>(), shape, values.data());
}

template <typename T>
std::vector<T> ReadVector(hid_t where, const std::string & name, std::size_t rank, std::vector<hsize_t> * shape = nullptr)
{
  const Dataset dataset(H5Dopen2(where, name.c_str(), H5P_DEFAULT), "opening '" + name + "'");
  const auto    found = ShapeOf(dataset, rank, name);
  std::size_t   count = 1;
  for (const auto size : found)
    count *= size;
  std::vector<T> values(count);
  Require(H5Dread(dataset, TypeOf<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0, Fault::Input,
          "HDF5 failed while reading '", name, "'");
  if (shape)
    *shape = found;
  return values;
}

} // namespace serval::hdf5
