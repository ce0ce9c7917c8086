#pragma once

#include "serval/Volume/Volume.h"

#include <string>
#include <vector>

namespace serval
{

/// How much of a volume is as dark as the darkest tenth of its range (1st to 99th percentile): of the voxels on its faces
/// at the sides (a chest goes on above and below), and of all.
struct Background
{
  double edge = 0, share = 0;
  double darkest = 0; ///< the 1st percentile, in the volume's intensities
};
Background BackgroundOf(const Volume & volume);

/// Where patches of these volumes should be taken: within what a preset of segment-by-threshold finds, where at least half
/// of them lie in background (half of their faces is dark): ct-contrast where most of those are in HU (air is below -500),
/// else mr-foreground. Anywhere, with an empty name, where fewer do. `share`: mean of those that do.
struct Places
{
  std::string preset;
  double      share = 0;
};
Places PlacesWithin(const std::vector<Background> & found);

} // namespace serval
