#pragma once

#include "serval/Dataset/Manifest.h"
#include "serval/PseudoSegmentation/PseudoSegmentation.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// How all volumes of a manifest are segmented, and when one of them is far from the others.
struct CohortPlan
{
  ThresholdRecipe recipe;
  double          outlierLimit = 6;               ///< robust z-score of a label's share or a threshold's place
  bool            acceptGate = false;             ///< refused label maps are used all the same
  std::string     column = "pseudo_segmentation"; ///< of the manifest that is written; or segmentation
  int             threads = 1;
  ReadOptions     reading = {}; ///< of every case
};

/// One case of a cohort.
struct CohortCase
{
  std::string   id;
  PseudoSummary summary;
  double        deviation = 0;    ///< largest robust z-score against the cohort
  bool          isKept = false;   ///< made by an earlier run from the same voxels and recipe
  std::string   picture;          ///< PNG: axial, coronal and sagittal slice with the labels' outlines
};

/// Robust z-scores (Iglewicz and Hoaglin 1993: distance from the median over 1.4826 MAD) of every label's share of the
/// voxels and every found threshold's place in the case's intensity range; places do not depend on a scanner's scale.
/// A cohort of fewer than 5 label maps has none. Cases that are Ok and beyond the limit become Verdict::Outlier.
void MarkOutliers(std::vector<CohortCase> & cases, const CohortPlan & plan);

/// Whether the case's label map stands in the manifest.
bool IsUsed(const CohortCase & one, const CohortPlan & plan);

/// Segments every case and writes into `folder`: labels/CASE.nii.gz, records/CASE.json (what the label map was made
/// from), pseudo-segmentation.csv, contact-sheet.html, excluded.csv where cases are left out, and last manifest.csv with
/// plan.column filled. Label maps made from the same voxels and recipe are kept. A case that fails does not stop the
/// others. Fault::Usage when the column holds expert labels, or when files stand there that are not of this function.
std::vector<CohortCase> SegmentCohort(const Manifest & manifest, const CohortPlan & plan,
                                      const std::filesystem::path & folder, Progress & progress);

} // namespace serval
