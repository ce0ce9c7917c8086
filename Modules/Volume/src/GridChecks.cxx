#include "GridChecks.h"

#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace serval
{

namespace fs = std::filesystem;

namespace
{

std::string SizesText(const std::vector<std::int64_t> & sizes)
{
  std::string text;
  for (const auto size : sizes)
    text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

} // namespace

void RequireMemory(const fs::path & path, const Extent & extent, double bytes)
{
  const double memory = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGE_SIZE));
  Require(bytes <= 0.8 * memory, Fault::Input, "'", Shown(path), "' has ", ToText(extent), " voxels, ",
          FormatFixed(bytes / (1 << 30), 1), " GiB; this machine has ", FormatFixed(memory / (1 << 30), 1), " GiB of memory");
}

void RequirePlausibleSize(const fs::path & path, double bytes)
{
  const std::string extension = path.extension().string();
  if (extension != ".nii" && extension != ".gz" && extension != ".nrrd" && extension != ".mha")
    return; // a detached data file is not judged
  const double held = static_cast<double>(fs::file_size(path));
  const double packing = extension == ".nii" ? 1 : 1100; // gzip packs at most 1032 to 1
  Require(bytes <= held * packing, Fault::Input, Shown(path), " is truncated: its header promises ", bytes,
          " bytes of voxels, the file has ", held);
}

void RequireThreeAxes(const std::vector<std::int64_t> & sizes, const fs::path & path)
{
  Require(sizes.size() >= 3, Fault::Input, Shown(path), " has ", sizes.size(), " dimensions (", SizesText(sizes),
          "); one three-dimensional volume is expected");
  const Extent extent{ sizes[0], sizes[1], sizes[2] };
  Require(extent.x > 1 && extent.y > 1 && extent.z > 1, Fault::Input, Shown(path), " is not three-dimensional (",
          ToText(extent), " voxels); at least 2 voxels along each axis are expected");
}

std::size_t ChosenChannel(const ReadOptions & options, const std::vector<std::int64_t> & sizes, std::int64_t components,
                          const fs::path & path)
{
  std::int64_t channels = components;
  for (std::size_t axis = 3; axis < sizes.size(); ++axis)
    channels *= sizes[axis];
  const std::string what = components > 1 ? Concat(components, " numbers in each voxel (vectors or channels)")
                                          : Concat(sizes.size(), " dimensions (", SizesText(sizes), ")");
  Require(channels == 1 || options.channel >= 0, Fault::Input, Shown(path), " has ", what,
          "; one three-dimensional volume is expected: choose one of its ", channels, " channels or time points by number, 0 to ",
          channels - 1, " (serval prepare-volumes --channel)");
  Require(options.channel < channels, Fault::Input, Shown(path), " has no channel ", options.channel, "; it has ",
          channels, ", counted from 0");
  return static_cast<std::size_t>(std::max(0, options.channel));
}

void RequireRightAngles(const Geometry & geometry, const fs::path & path)
{
  const auto & d = geometry.direction;
  for (const double coordinate : geometry.origin)
    Require(std::isfinite(coordinate), Fault::Input, "'", Shown(path), "' has an origin of ", coordinate,
            " mm; a finite number is expected");
  for (const double edge : { geometry.spacing.x, geometry.spacing.y, geometry.spacing.z })
    Require(edge > 0 && std::isfinite(edge), Fault::Input, "'", Shown(path), "' has a voxel edge of ", edge,
            " mm; a positive length is expected");
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = a; b < 3; ++b)
    {
      const double product = d[a] * d[b] + d[3 + a] * d[3 + b] + d[6 + a] * d[6 + b];
      Require(std::abs(product - (a == b ? 1 : 0)) <= 2e-3, Fault::Input, "'", Shown(path), "' has ",
              a == b ? "an axis that is no unit vector" : "axes that are not perpendicular", " (product ", product,
              " of the axes ", a, " and ", b, "); resample it to a grid with right angles");
    }
}

} // namespace serval
