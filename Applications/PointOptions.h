#pragma once
// The options of commands that take points of interest.

#include "serval/CommandLine/Application.h"
#include "serval/Patches/PointList.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

struct PointOptions
{
  std::filesystem::path candidates;
  std::string           coordinates = "LPS";

  void DeclareCoordinates(app::Parameters & p)
  {
    p.Add("coordinates", &coordinates, "Of tables that do not state theirs: LPS or RAS in mm, IJK in voxels from 0").Choices({ "LPS", "RAS", "IJK" });
  }

  /// Of each case; none without candidates.
  CandidateLists Lists() const { return candidates.empty() ? CandidateLists{} : ReadCandidates(candidates, CoordinatesFrom(coordinates)); }

  /// Of one volume: the points of its file, or of all cases that a table or folder has.
  std::vector<Candidate> OfVolume() const
  {
    if (std::filesystem::is_regular_file(candidates) && candidates.extension() != ".csv")
      return ReadPoints(candidates, CoordinatesFrom(coordinates));
    std::vector<Candidate> all;
    for (const auto & [id, points] : Lists())
      all.insert(all.end(), points.begin(), points.end());
    return all;
  }
};

} // namespace serval
