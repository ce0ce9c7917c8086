#pragma once
// What `serval start` asks of the cohort that was imported.

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Manifest.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace serval
{

/// Fault::Input unless there are two classes with a patient to test and two to train on each, or four patients with
/// segmentations.
inline void RequireEnough(const Manifest & cohort)
{
  constexpr std::size_t                        perClass = 3, segmented = 4;
  std::map<std::string, std::set<std::string>> patientsOf;
  bool                                         hasSegmentations = true;
  for (const auto & one : cohort.Cases())
  {
    patientsOf[one.className].insert(one.patient);
    hasSegmentations = hasSegmentations && !one.segmentation.empty();
  }
  patientsOf.erase("");
  std::vector<std::string> counts;
  bool                     isEnough = patientsOf.size() >= 2;
  for (const auto & [name, patients] : patientsOf)
  {
    counts.push_back(Concat(patients.size(), " of '", name, "'"));
    isEnough = isEnough && patients.size() >= perClass;
  }
  if (patientsOf.empty() && hasSegmentations)
    Require(cohort.Patients().size() >= segmented, Fault::Input, "the cohort has ", cohort.Patients().size(), " patients with segmentations; at least ", segmented,
            " are needed to train and test at all, and some twenty to show anything. The cohort and its contact sheets are of use without a study");
  else
    Require(isEnough, Fault::Input, "the cohort has patients of ", patientsOf.size(), " class(es): ", Join(counts, ", "), "; at least two classes with ", perClass,
            " patients each are needed to train and test at all, and some twenty each to show anything");
}

} // namespace serval
