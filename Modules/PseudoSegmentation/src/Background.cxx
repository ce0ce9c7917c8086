#include "serval/PseudoSegmentation/Background.h"

#include "serval/Volume/Intensity.h"

namespace serval
{
namespace
{

constexpr double darkShare = 0.1, edgeShare = 0.5;
constexpr double airBelow = -500; // HU

} // namespace

Background BackgroundOf(const Volume & volume)
{
  const auto   values = volume.AsFloat();
  const auto   range = Percentiles(volume, ForegroundMask(volume, Foreground::All), { 1, 99 });
  const double low = range[0], bound = low + darkShare * (range[1] - low);
  const auto & e = volume.geometry.extent;
  std::size_t  next = 0, faces = 0, darkFaces = 0, dark = 0;
  for (std::int64_t z = 0; z < e.z; ++z)
    for (std::int64_t y = 0; y < e.y; ++y)
      for (std::int64_t x = 0; x < e.x; ++x, ++next)
      {
        const bool isDark = values[next] <= bound, isFace = x == 0 || y == 0 || x == e.x - 1 || y == e.y - 1;
        dark += isDark;
        faces += isFace;
        darkFaces += isDark && isFace;
      }
  return { double(darkFaces) / double(faces), double(dark) / double(values.size()), low };
}

Places PlacesWithin(const std::vector<Background> & found)
{
  std::size_t inAir = 0, inHu = 0;
  double      share = 0;
  for (const auto & one : found)
    if (one.edge >= edgeShare)
    {
      ++inAir;
      inHu += one.darkest < airBelow;
      share += one.share;
    }
  if (inAir == 0 || 2 * inAir < found.size())
    return {};
  return { 2 * inHu > inAir ? "ct-contrast" : "mr-foreground", share / double(inAir) };
}

} // namespace serval
