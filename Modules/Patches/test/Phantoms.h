#pragma once

#include "serval/Core/Error.h"
#include "serval/Patches/CutPatches.h"

#include <cmath>
#include <string>

namespace serval::phantom
{

constexpr Extent size{ 15, 16, 17 };

// Oblique about the z axis and anisotropic.
inline Geometry Oblique()
{
  return { size, { 1, 2, 3 }, { 5, -6, 7 }, { 0.6, -0.8, 0, 0.8, 0.6, 0, 0, 0, 1 } };
}

/// value = x + 20 y + 400 z - 1000, of any voxel type.
template <typename T>
Volume Ramp(const Geometry & geometry = Oblique())
{
  std::vector<T> voxels;
  for (std::int64_t z = 0; z < geometry.extent.z; ++z)
    for (std::int64_t y = 0; y < geometry.extent.y; ++y)
      for (std::int64_t x = 0; x < geometry.extent.x; ++x)
        voxels.push_back(static_cast<T>(x + 20 * y + 400 * z - 1000));
  return { geometry, voxels, "" };
}

inline double Dot(const Point & a, const Point & b)
{
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

inline Point Cross(const Point & a, const Point & b)
{
  return { a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0] };
}

/// A field that is linear in the patient: value at a point = 2 left - 3 posterior + 5 superior.
inline double FieldAt(const Point & p)
{
  return 2 * p[0] - 3 * p[1] + 5 * p[2];
}

inline Volume Field(const Geometry & geometry)
{
  std::vector<float> voxels;
  for (std::int64_t z = 0; z < geometry.extent.z; ++z)
    for (std::int64_t y = 0; y < geometry.extent.y; ++y)
      for (std::int64_t x = 0; x < geometry.extent.x; ++x)
        voxels.push_back(static_cast<float>(FieldAt(geometry.PointAt(double(x), double(y), double(z)))));
  return { geometry, voxels, "" };
}

/// Label 1 in the lower half of z, 2 in the upper half, 0 at x < 4.
inline LabelVolume Halves(const Geometry & geometry = Oblique())
{
  LabelVolume labels{ geometry, {} };
  for (std::int64_t z = 0; z < geometry.extent.z; ++z)
    for (std::int64_t y = 0; y < geometry.extent.y; ++y)
      for (std::int64_t x = 0; x < geometry.extent.x; ++x)
        labels.labels.push_back(x < 4 ? 0 : z < 8 ? 1 : 2);
  return labels;
}

template <typename T>
std::span<const T> VoxelsOf(const CasePatches & patches)
{
  return { reinterpret_cast<const T *>(patches.image.data()), patches.image.size() / sizeof(T) };
}

inline CasePatches Cut(CaseImages images, const ExtractionPlan & plan, unsigned seed = 1)
{
  CutCounts       counts;
  std::mt19937_64 random(seed);
  return CutPatches(images, plan, random, counts);
}

/// The message of an error of this kind that the call ends in.
template <typename TCall>
std::string MessageOf(Fault kind, TCall call)
{
  try
  {
    call();
  }
  catch (const Error & e)
  {
    return e.Kind() == kind ? e.what() : "an error of another kind: " + std::string(e.what());
  }
  return "no error";
}

} // namespace serval::phantom
