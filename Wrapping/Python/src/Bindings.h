#pragma once

#include "serval/Core/Geometry.h"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/array.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <array>
#include <cstdint>
#include <tuple>
#include <vector>

namespace serval::python
{

namespace nb = nanobind;
using namespace nb::literals;

using Shape = std::vector<std::size_t>;

/// What Python's serval.Geometry hands over: extent (x, y, z), spacing (mm), origin (mm, LPS), direction (row-major).
using Grid = std::tuple<std::array<std::int64_t, 3>, std::array<double, 3>, Point, std::array<double, 9>>;
Geometry GeometryOf(const Grid & grid);
Grid     GridOf(const Geometry & geometry);

/// An array that owns the values without copying them. As an object: a property would otherwise claim it for its class.
template <typename T>
nb::object Owned(std::vector<T> values, const Shape & shape)
{
  auto *      kept = new std::vector<T>(std::move(values));
  nb::capsule owner(kept, [](void * p) noexcept { delete static_cast<std::vector<T> *>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T>(kept->data(), shape.size(), shape.data(), owner));
}

void BindPatchCache(nb::module_ & module);
void BindPatchCacheWriter(nb::module_ & module);
void BindVolume(nb::module_ & module);
void BindDicomFolder(nb::module_ & module);

} // namespace serval::python
