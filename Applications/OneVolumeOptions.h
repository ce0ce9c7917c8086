#pragma once
// One volume of a scene, with its labels and points, instead of the manifest of a cohort.

#include "serval/Cache/PatchCache.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Dataset/Manifest.h"
#include "serval/Patches/PointList.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

struct OneVolumeOptions
{
  std::filesystem::path image, labels, points, centres;
  std::string           caseName = "volume";

  void Declare(app::Parameters & p)
  {
    p.Add("image", &image, "One volume, instead of a manifest").In("image").Optional();
    p.Add("labels", &labels, "Its label map, or a Slicer segmentation (.seg.nrrd)").In("label").Optional();
    p.Add("points", &points, "Its points of interest; they make the sampler candidates").In("pointfile", ".fcsv,.mrk.json,.csv").Optional();
    p.Add("centres", &centres, "Where the patches of the volume were taken, as points").Out("pointfile", ".fcsv,.mrk.json,.csv").Optional();
    p.Add("caseName", &caseName, "Pseudonym under which the volume and its patient stand in the cache");
  }

  /// Fault::Usage when words for a volume stand without one.
  void Check() const
  {
    Require(!image.empty() || (labels.empty() && points.empty() && centres.empty()), Fault::Usage, "--labels, --points and --centres belong to --image");
    Require(!caseName.empty(), Fault::Usage, "--caseName is empty; a pseudonym is expected");
  }

  Case Volume() const
  {
    Case one;
    one.id = one.patient = caseName;
    one.image = std::filesystem::absolute(image);
    one.segmentation = labels.empty() ? labels : std::filesystem::absolute(labels);
    return one;
  }

  /// The middle of each of the volume's patches.
  void WriteCentres(const std::filesystem::path & folder) const
  {
    const PatchCache       cache(folder);
    std::vector<Candidate> middles;
    for (const auto & patch : cache.Patches())
    {
      const auto & g = patch.geometry;
      const auto   middle = g.PointAt(double(g.extent.x - 1) / 2, double(g.extent.y - 1) / 2, double(g.extent.z - 1) / 2);
      const auto & names = cache.Description().classNames;
      const auto   label = patch.classIndex < 0 ? std::string("patch") : names[static_cast<std::size_t>(patch.classIndex)];
      if (cache.Cases()[patch.caseIndex].caseId == caseName)
        middles.push_back({ middle, Coordinates::Lps, "", label, {} });
    }
    WritePoints(middles, centres);
  }
};

} // namespace serval
