// Volumes and label maps as NumPy arrays [z, y, x] that own the voxels read.
#include "Bindings.h"

#include "serval/Core/Error.h"
#include "serval/Volume/Volume.h"

namespace serval::python
{
namespace
{

using AnyArray = nb::ndarray<nb::ro, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
using LabelArray = nb::ndarray<const std::uint16_t, nb::ndim<3>, nb::c_contig, nb::device::cpu>;

Shape ShapeOf(const Geometry & geometry)
{
  Shape shape;
  for (const auto size : TensorShape(geometry.extent))
    shape.push_back(static_cast<std::size_t>(size));
  return shape;
}

template <typename TArray>
void RequireShape(const TArray & array, const Geometry & geometry)
{
  const auto shape = ShapeOf(geometry);
  Require(array.shape(0) == shape[0] && array.shape(1) == shape[1] && array.shape(2) == shape[2], Fault::Usage, "an array of shape (", array.shape(0),
          ", ", array.shape(1), ", ", array.shape(2), ") does not fit a geometry of shape (", shape[0], ", ", shape[1], ", ", shape[2], "), z first");
}

template <typename T, typename TArray>
std::vector<T> Copied(const TArray & array)
{
  const auto * first = static_cast<const T *>(array.data());
  return { first, first + array.size() };
}

Voxels VoxelsOf(const AnyArray & array)
{
  if (array.dtype() == nb::dtype<std::uint8_t>())
    return Copied<std::uint8_t>(array);
  if (array.dtype() == nb::dtype<std::int16_t>())
    return Copied<std::int16_t>(array);
  if (array.dtype() == nb::dtype<std::uint16_t>())
    return Copied<std::uint16_t>(array);
  Require(array.dtype() == nb::dtype<float>(), Fault::Usage, "volumes hold uint8, int16, uint16 or float32; convert the array with astype first");
  return Copied<float>(array);
}

nb::tuple ReadVolumeArray(const std::filesystem::path & path, const std::string & series, int channel, bool repair, double maximumGap,
                          bool allowNotFinite)
{
  Volume volume;
  {
    const nb::gil_scoped_release others;
    ReadOptions                  options;
    options.series = series;
    options.channel = channel;
    options.repair = { repair, maximumGap };
    options.allowNotFinite = allowNotFinite;
    volume = ReadVolume(path, options);
  }
  const auto shape = ShapeOf(volume.geometry);
  nb::object array = std::visit([&](auto & voxels) { return Owned(std::move(voxels), shape); }, volume.voxels);
  return nb::make_tuple(array, GridOf(volume.geometry), volume.modality);
}

nb::tuple ReadLabelArray(const std::filesystem::path & path)
{
  LabelVolume labels;
  {
    const nb::gil_scoped_release others;
    labels = ReadLabels(path);
  }
  return nb::make_tuple(Owned(std::move(labels.labels), ShapeOf(labels.geometry)), GridOf(labels.geometry));
}

void WriteVolumeArray(const std::filesystem::path & path, const AnyArray & array, const Grid & grid)
{
  const Geometry geometry = GeometryOf(grid);
  RequireShape(array, geometry);
  const Volume                 volume{ .geometry = geometry, .voxels = VoxelsOf(array) };
  const nb::gil_scoped_release others;
  WriteVolume(volume, path);
}

void WriteLabelArray(const std::filesystem::path & path, const LabelArray & array, const Grid & grid)
{
  const Geometry geometry = GeometryOf(grid);
  RequireShape(array, geometry);
  const LabelVolume            labels{ geometry, Copied<std::uint16_t>(array) };
  const nb::gil_scoped_release others;
  WriteLabels(labels, path);
}

} // namespace

void BindVolume(nb::module_ & module)
{
  module.def("read_volume", &ReadVolumeArray, "path"_a, "series"_a, "channel"_a, "repair"_a, "maximum_gap"_a, "allow_not_finite"_a);
  module.def("read_labels", &ReadLabelArray, "path"_a);
  module.def("write_volume", &WriteVolumeArray, "path"_a, "array"_a, "grid"_a);
  module.def("write_labels", &WriteLabelArray, "path"_a, "array"_a, "grid"_a);
}

} // namespace serval::python
