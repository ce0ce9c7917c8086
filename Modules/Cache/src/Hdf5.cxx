#include "Hdf5.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace serval::hdf5
{

template <>
hid_t TypeOf<std::uint8_t>()
{
  return H5T_NATIVE_UINT8;
}
template <>
hid_t TypeOf<std::int32_t>()
{
  return H5T_NATIVE_INT32;
}
template <>
hid_t TypeOf<std::int64_t>()
{
  return H5T_NATIVE_INT64;
}
template <>
hid_t TypeOf<std::uint64_t>()
{
  return H5T_NATIVE_UINT64;
}
template <>
hid_t TypeOf<float>()
{
  return H5T_NATIVE_FLOAT;
}
template <>
hid_t TypeOf<double>()
{
  return H5T_NATIVE_DOUBLE;
}

namespace
{

Type TextType(std::size_t size)
{
  Type type(H5Tcopy(H5T_C_S1), "making a text type");
  H5Tset_size(type, std::max<std::size_t>(size, 1));
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

} // namespace

std::recursive_mutex & Lock()
{
  static std::recursive_mutex mutex;
  return mutex;
}

void Quiet()
{
  // HDF5 closes files at exit once more; after a failed write to a full disk that crashes. Our handles close them.
  static const bool once = (H5dont_atexit(), true);
  (void)once;
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

File OpenForReading(const std::filesystem::path & file)
{
  Quiet();
  const hid_t id = H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  Require(id >= 0, Fault::Input, "'", file.string(), "' is no HDF5 file, or it is truncated");
  return { id, "opening" };
}

File Create(const std::filesystem::path & file, hsize_t alignedFrom, hsize_t alignment)
{
  Quiet();
  const Properties access(H5Pcreate(H5P_FILE_ACCESS), "making properties");
  H5Pset_alignment(access, alignedFrom, alignment);
  const hid_t id = H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
  Require(id >= 0, Fault::Environment, "cannot create '", file.string(), "'");
  return { id, "creating" };
}

void WriteDataset(hid_t where, const std::string & name, hid_t type, const std::vector<hsize_t> & shape, const void * data)
{
  const Properties links(H5Pcreate(H5P_LINK_CREATE), "making properties");
  H5Pset_create_intermediate_group(links, 1);
  const Properties creation(H5Pcreate(H5P_DATASET_CREATE), "making properties");
  H5Pset_obj_track_times(creation, false);
  const Space   space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), "making a space");
  const Dataset dataset(H5Dcreate2(where, name.c_str(), type, space, links, creation, H5P_DEFAULT), "creating '" + name + "'");
  hsize_t       count = 1;
  for (const auto size : shape)
    count *= size;
  if (count > 0)
    Require(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0, Fault::Environment,
            "HDF5 failed while writing '", name, "'; is the disk full?");
}

// Of one length, padded with zero bytes: HDF5 crashes on a damaged heap of texts of variable length.
void WriteTexts(hid_t where, const std::string & name, const std::vector<std::string> & texts)
{
  std::size_t size = 1;
  for (const auto & text : texts)
    size = std::max(size, text.size());
  std::string padded;
  for (const auto & text : texts)
    padded.append(text).append(size - text.size(), '\0');
  WriteDataset(where, name, TextType(size), { texts.size() }, padded.data());
}

void WriteAttribute(hid_t where, const std::string & name, const std::string & text)
{
  const Type      type = TextType(text.size());
  const Space     space(H5Screate(H5S_SCALAR), "making a space");
  const Attribute attribute(H5Acreate2(where, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), "creating '" + name + "'");
  Require(H5Awrite(attribute, type, text.c_str()) >= 0, Fault::Environment, "HDF5 failed while writing '", name, "'");
}

void WriteAttribute(hid_t where, const std::string & name, std::int64_t number)
{
  const Space     space(H5Screate(H5S_SCALAR), "making a space");
  const Attribute attribute(H5Acreate2(where, name.c_str(), H5T_NATIVE_INT64, space, H5P_DEFAULT, H5P_DEFAULT),
                            "creating '" + name + "'");
  Require(H5Awrite(attribute, H5T_NATIVE_INT64, &number) >= 0, Fault::Environment, "HDF5 failed while writing '", name, "'");
}

std::string ReadTextAttribute(hid_t where, const std::string & name)
{
  const Attribute   attribute(H5Aopen(where, name.c_str(), H5P_DEFAULT), "looking for the attribute '" + name + "'");
  const Type        type(H5Aget_type(attribute), "reading '" + name + "'");
  const std::size_t size = H5Tget_size(type);
  Require(H5Tget_class(type) == H5T_STRING && !H5Tis_variable_str(type) && size < (1U << 26), Fault::Input, "the attribute '",
          name, "' is no text");
  std::string text(size, '\0');
  Require(H5Aread(attribute, type, text.data()) >= 0, Fault::Input, "HDF5 failed while reading '", name, "'");
  text.resize(std::string_view(text.c_str()).size());
  return text;
}

std::int64_t ReadIntegerAttribute(hid_t where, const std::string & name)
{
  const Attribute attribute(H5Aopen(where, name.c_str(), H5P_DEFAULT), "looking for the attribute '" + name + "'");
  std::int64_t    number = 0;
  Require(H5Aread(attribute, H5T_NATIVE_INT64, &number) >= 0, Fault::Input, "HDF5 failed while reading '", name, "'");
  return number;
}

std::vector<hsize_t> ShapeOf(hid_t dataset, std::size_t rank, const std::string & name)
{
  const Space space(H5Dget_space(dataset), "reading '" + name + "'");
  const int   found = H5Sget_simple_extent_ndims(space);
  Require(found == static_cast<int>(rank), Fault::Input, "'", name, "' has ", found, " axes; ", rank, " are expected");
  std::vector<hsize_t> shape(rank);
  H5Sget_simple_extent_dims(space, shape.data(), nullptr);
  hsize_t count = 1;
  for (const auto size : shape)
  {
    Require(size == 0 || count <= (hsize_t{ 1 } << 40) / size, Fault::Input, "'", name, "' has an impossible size");
    count *= size;
  }
  const Properties layout(H5Dget_create_plist(dataset), "reading '" + name + "'");
  if (H5Pget_layout(layout) == H5D_CHUNKED) // compressed: sizes are bounded by the cache's description
    return shape;
  hsize_t    bytes = 0; // an element takes a byte or more
  const File file(H5Iget_file_id(dataset), "looking for the file of '" + name + "'");
  Require(H5Fget_filesize(file, &bytes) >= 0 && count <= bytes, Fault::Input, "'", name, "' is said to be larger than its file");
  return shape;
}

std::vector<std::string> ReadTexts(hid_t where, const std::string & name)
{
  const Dataset     dataset(H5Dopen2(where, name.c_str(), H5P_DEFAULT), "opening '" + name + "'");
  const Type        type(H5Dget_type(dataset), "reading '" + name + "'");
  const std::size_t size = H5Tget_size(type), count = ShapeOf(dataset, 1, name).front();
  Require(H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 && size > 0 && size < (1U << 20), Fault::Input, "'", name,
          "' is no list of texts");
  std::vector<char> padded(count * size);
  Require(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, padded.data()) >= 0, Fault::Input, "HDF5 failed while reading '", name, "'");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i)
    texts.emplace_back(padded.data() + i * size, ::strnlen(padded.data() + i * size, size));
  return texts;
}

} // namespace serval::hdf5
