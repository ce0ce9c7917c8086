#pragma once

#include "serval/Dataset/Manifest.h"
#include "serval/Patches/CutPatches.h"

#include <cstdint>
#include <string>
#include <vector>

namespace serval
{

/// How the patches of every case of a manifest are made.
struct ExtractionPlan
{
  enum class Dense
  {
    None,
    Segmentation,
    PseudoSegmentation
  };
  /// none, segmentation or pseudo_segmentation.
  static Dense DenseFrom(const std::string & column);

  CutPlan                  cut;
  Dense                    dense = Dense::None;
  std::vector<int>         classLabels; ///< labels of the segmentation that are classes 0, 1, 2, ...; empty: the labels themselves
  std::vector<std::string> caseClasses; ///< names of the manifest's classes when patches take their case's class
  std::uint64_t            seed = 1;

  /// Whether the case's segmentation is read for centres or classes.
  bool                     NeedsSegmentation() const;
  /// Columns of the manifest that must be filled.
  std::vector<std::string> NeededColumns() const;
};

/// Reads one case and cuts its patches. They depend on the case, plan and seed, not on the other cases.
CasePatches ExtractCase(const Case & one, const ExtractionPlan & plan);

} // namespace serval
