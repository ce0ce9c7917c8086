#pragma once

#include "serval/Core/Geometry.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace serval
{

/// Asks one question, with an answer that is offered.
using Ask = std::function<std::string(const std::string & question, const std::string & offered)>;

/// What the volumes and segmentations of a manifest hold.
struct StudyCohort
{
  std::filesystem::path           manifest;
  std::size_t                     cases = 0;
  Extent                          smallest;      ///< voxels; the lowest number along each axis
  Spacing                         usual;         ///< mm; the median along each axis
  std::map<unsigned, std::size_t> casesWith;     ///< by label, 0 too: cases with room for the offered patches about its voxels
  std::string                     foreground;    ///< preset of segment-by-threshold within which patches are offered, where half of the volumes lie in air; empty: anywhere
  double                          background = 0; ///< mean share of it
  std::map<unsigned, std::string> labelNames;    ///< of some labels, "-" leaves one out; none: they are asked for
};

/// Patches of one label in one case that a new study asks for.
constexpr int patchesPerLabel = 8;

/// Patches of nearly equal edges in mm: 32 voxels of the finest axis, but no more than half of the smallest volume, each axis
/// in steps of 8 voxels (4 where 8 are too many; 1, and flat, where the volume has fewer than 4 slices).
Extent OfferedPatch(const Extent & smallest, const Spacing & spacing);

/// A commented study file for this cohort, to be written to `file`: what its columns and labels allow, and sizes that its
/// volumes and patients can bear. Fault::Input when the manifest has neither classes nor segmentations; Fault::Usage for
/// names of labels that do not occur, or that leave fewer than two classes.
std::string NewStudy(const StudyCohort & cohort, const std::filesystem::path & file, const Ask & ask);

/// Whether the classes of a study about this manifest are the labels of its segmentations; they are when its cases have no
/// classes. Fault::Input when there is neither.
bool HasLabelClasses(const std::filesystem::path & manifest);

} // namespace serval
