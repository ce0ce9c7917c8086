#include "GridChecks.h"

#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <unistd.h>

#include <cmath>

namespace serval
{

namespace fs = std::filesystem;

void RequireMemory(const fs::path & path, const Extent & extent, double bytes)
{
  const double memory = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGE_SIZE));
  Require(bytes <= 0.8 * memory, Fault::Input, "'", Shown(path), "' has ", ToText(extent), " voxels, ",
          FormatFixed(bytes / (1 << 30), 1), " GiB; this machine has ", FormatFixed(memory / (1 << 30), 1), " GiB of memory");
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
