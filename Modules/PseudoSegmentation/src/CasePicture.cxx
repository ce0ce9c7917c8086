#include "CasePicture.h"

#include "serval/Core/Error.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace serval
{
namespace
{

constexpr int    largestSide = 176; // pixels of the longest side of a slice
constexpr int    gap = 6;           // pixels between slices
constexpr double tint = 0.25;

/// A slice of the patient: pixel (i, j) lies at corner + i * right + j * down (mm, LPS).
struct Plane
{
  Point corner{}, right{}, down{};
  int   width = 0, height = 0;
};

/// Continuous voxel indices of patient points.
class IndexMap
{
public:
  explicit IndexMap(const Geometry & g)
    : m_Geometry(g)
  {}
  Point At(const Point & point) const // direction is orthonormal: its transpose is its inverse
  {
    const Point  d{ point[0] - m_Geometry.origin[0], point[1] - m_Geometry.origin[1], point[2] - m_Geometry.origin[2] };
    const double spacing[]{ m_Geometry.spacing.x, m_Geometry.spacing.y, m_Geometry.spacing.z };
    Point        index{};
    for (std::size_t axis = 0; axis < 3; ++axis)
      index[axis] = (d[0] * m_Geometry.direction[axis] + d[1] * m_Geometry.direction[3 + axis] +
                     d[2] * m_Geometry.direction[6 + axis]) / spacing[axis];
    return index;
  }

private:
  const Geometry & m_Geometry;
};

bool IsInside(const Point & index, const Extent & e)
{
  return index[0] >= -0.5 && index[1] >= -0.5 && index[2] >= -0.5 && index[0] < double(e.x) - 0.5 &&
         index[1] < double(e.y) - 0.5 && index[2] < double(e.z) - 0.5;
}

template <typename T>
double Interpolate(const std::vector<T> & voxels, const Extent & e, const Point & index)
{
  const std::int64_t size[]{ e.x, e.y, e.z };
  std::int64_t       low[3], high[3];
  double             part[3];
  for (std::size_t axis = 0; axis < 3; ++axis)
  {
    const double at = std::clamp(index[axis], 0.0, static_cast<double>(size[axis] - 1));
    low[axis] = static_cast<std::int64_t>(at);
    high[axis] = std::min(low[axis] + 1, size[axis] - 1);
    part[axis] = at - static_cast<double>(low[axis]);
  }
  double sum = 0;
  for (int corner = 0; corner < 8; ++corner)
  {
    const auto   pick = [&](int axis) { return corner >> axis & 1 ? high[axis] : low[axis]; };
    const auto   share = [&](int axis) { return corner >> axis & 1 ? part[axis] : 1 - part[axis]; };
    const double weight = share(0) * share(1) * share(2);
    if (weight > 0)
      sum += weight * static_cast<double>(voxels[static_cast<std::size_t>(pick(0) + e.x * (pick(1) + e.y * pick(2)))]);
  }
  return sum;
}

Point CentreOf(const LabelVolume & labels)
{
  const Extent e = labels.geometry.extent;
  double       sum[3]{}, count = 0;
  std::size_t  voxel = 0;
  for (std::int64_t z = 0; z < e.z; ++z)
    for (std::int64_t y = 0; y < e.y; ++y)
      for (std::int64_t x = 0; x < e.x; ++x)
        if (labels.labels[voxel++] != 0)
        {
          sum[0] += double(x), sum[1] += double(y), sum[2] += double(z);
          ++count;
        }
  const Point index = count > 0 ? Point{ sum[0] / count, sum[1] / count, sum[2] / count }
                                : Point{ double(e.x - 1) / 2, double(e.y - 1) / 2, double(e.z - 1) / 2 };
  // Through voxel centres: a slice between two would show labels that neither has.
  return labels.geometry.PointAt(std::round(index[0]), std::round(index[1]), std::round(index[2]));
}

std::array<Plane, 3> PlanesThrough(const Point & centre, const Geometry & g)
{
  Point low{ 1e300, 1e300, 1e300 }, high{ -1e300, -1e300, -1e300 };
  for (int corner = 0; corner < 8; ++corner)
  {
    const auto  end = [&](int axis, std::int64_t size) { return corner >> axis & 1 ? double(size) - 0.5 : -0.5; };
    const Point p = g.PointAt(end(0, g.extent.x), end(1, g.extent.y), end(2, g.extent.z));
    for (std::size_t axis = 0; axis < 3; ++axis)
      low[axis] = std::min(low[axis], p[axis]), high[axis] = std::max(high[axis], p[axis]);
  }
  const double longest = std::max({ high[0] - low[0], high[1] - low[1], high[2] - low[2] }), step = longest / largestSide;
  const auto   pixels = [&](std::size_t axis) { return std::max(1, int(std::round((high[axis] - low[axis]) / step))); };
  const double left = low[0] + step / 2, front = low[1] + step / 2, top = high[2] - step / 2;
  return { { { { left, front, centre[2] }, { step, 0, 0 }, { 0, step, 0 }, pixels(0), pixels(1) },
             { { left, centre[1], top }, { step, 0, 0 }, { 0, 0, -step }, pixels(0), pixels(2) },
             { { centre[0], front, top }, { 0, step, 0 }, { 0, 0, -step }, pixels(1), pixels(2) } } };
}

/// An RGB picture, black at first.
struct Canvas
{
  int                       width, height;
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(static_cast<std::size_t>(width * height) * 3, 0);

  std::uint8_t * Pixel(int x, int y) { return bytes.data() + 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)); }
};

/// Grey values and labels of one plane.
struct Slice
{
  std::vector<double>        grey; ///< 0..255; below 0 outside the volume
  std::vector<std::uint16_t> labels;
};

Slice Sample(const Plane & plane, const Volume & volume, const LabelVolume & labels, double low, double high)
{
  const Extent   e = volume.geometry.extent;
  const IndexMap map(volume.geometry);
  const auto     pixels = static_cast<std::size_t>(plane.width) * static_cast<std::size_t>(plane.height);
  Slice          slice{ std::vector<double>(pixels, -1), std::vector<std::uint16_t>(pixels, 0) };
  for (std::size_t pixel = 0; pixel < pixels; ++pixel)
  {
    const auto i = static_cast<double>(pixel % static_cast<std::size_t>(plane.width));
    const auto j = static_cast<double>(pixel / static_cast<std::size_t>(plane.width));
    Point      at{};
    for (std::size_t axis = 0; axis < 3; ++axis)
      at[axis] = plane.corner[axis] + i * plane.right[axis] + j * plane.down[axis];
    const Point index = map.At(at);
    if (!IsInside(index, e))
      continue;
    const double value = std::visit([&](const auto & v) { return Interpolate(v, e, index); }, volume.voxels);
    slice.grey[pixel] = high > low ? 255 * std::clamp((value - low) / (high - low), 0.0, 1.0) : 128;
    const auto nearest = [&](std::size_t axis) { return static_cast<std::int64_t>(std::floor(index[axis] + 0.5)); };
    slice.labels[pixel] = labels.labels[static_cast<std::size_t>(nearest(0) + e.x * (nearest(1) + e.y * nearest(2)))];
  }
  return slice;
}

void Draw(const Slice & slice, int width, int height, Canvas & canvas, int left)
{
  const auto label = [&](int x, int y) {
    return slice.labels[static_cast<std::size_t>(std::min(y, height - 1)) * static_cast<std::size_t>(width) + static_cast<std::size_t>(std::min(x, width - 1))];
  };
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
    {
      const double grey = slice.grey[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
      if (grey < 0)
        continue;
      const std::uint16_t here = label(x, y), edge = std::max(label(x + 1, y), label(x, y + 1));
      const bool          isEdge = label(x + 1, y) != here || label(x, y + 1) != here;
      const std::uint16_t shown = isEdge ? std::max(here, edge) : here;
      const double        part = shown == 0 ? 0 : isEdge ? 1 : tint;
      const Colour        colour = LabelColour(shown);
      for (std::size_t c = 0; c < 3; ++c)
        canvas.Pixel(left + x, y)[c] = static_cast<std::uint8_t>(std::lround((1 - part) * grey + part * colour[c]));
    }
}

std::string EncodePng(const Canvas & canvas)
{
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(canvas.width);
  image.height = static_cast<png_uint_32>(canvas.height);
  image.format = PNG_FORMAT_RGB;
  std::string          bytes(PNG_IMAGE_PNG_SIZE_MAX(image), '\0');
  png_alloc_size_t     size = bytes.size();
  const int            isDone = png_image_write_to_memory(&image, bytes.data(), &size, 0, canvas.bytes.data(), 0, nullptr);
  Require(isDone != 0, Fault::Internal, "a picture cannot be encoded as PNG: ", image.message);
  bytes.resize(size);
  return bytes;
}

} // namespace

Colour LabelColour(std::uint16_t label)
{
  static const std::array<Colour, 7> colours{ { { 86, 180, 233 }, { 230, 159, 0 }, { 240, 228, 66 }, { 0, 158, 115 },
                                                { 204, 121, 167 }, { 213, 94, 0 }, { 0, 114, 178 } } };
  return colours[(label + colours.size() - 1) % colours.size()];
}

std::string CasePicture(const Volume & volume, const LabelVolume & labels, double low, double high)
{
  const auto planes = PlanesThrough(CentreOf(labels), volume.geometry);
  Canvas     canvas{ planes[0].width + planes[1].width + planes[2].width + 2 * gap,
                 std::max({ planes[0].height, planes[1].height, planes[2].height }) };
  int        left = 0;
  for (const auto & plane : planes)
  {
    Draw(Sample(plane, volume, labels, low, high), plane.width, plane.height, canvas, left);
    left += plane.width + gap;
  }
  return EncodePng(canvas);
}

} // namespace serval
