#pragma once

#include "serval/Evaluation/Intervals.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace serval
{

/// A number of segmentations: its key in tables and JSON, and its words.
struct SegmentationMetric
{
  const char *key, *words;
};
/// In the order of SegmentationRow::numbers.
inline constexpr std::array<SegmentationMetric, 6> segmentationMetrics{ { { "dice", "Dice" }, { "iou", "IoU" }, { "hd95_mm", "HD95 (mm)" }, { "assd_mm", "ASSD (mm)" },
                                                                          { "volume_error_ml", "volume error (ml)" }, { "volume_error_percent", "volume error (%)" } } };

/// How one label of one case agrees with its reference, measured elsewhere.
struct SegmentationRow
{
  std::string                          patient, caseId, label;
  std::string                          remark;  ///< why numbers are missing ("absent in both"); empty where none is
  std::array<std::optional<double>, 6> numbers; ///< missing where they are not defined
};

/// Mean, with a bootstrap interval in which whole patients are drawn, of every number of every label. Cases without a number
/// take no part in its mean and are counted by their remark.
struct SegmentationSheet
{
  struct Score
  {
    Interval    mean; ///< NaN where no case has the number
    double      median = 0;
    std::size_t cases = 0, patients = 0; ///< that have the number
  };
  struct Label
  {
    std::string                                      name;
    std::size_t                                      cases = 0;
    std::vector<std::pair<std::string, std::size_t>> remarks; ///< in alphabetical order, with the cases
    std::array<Score, 6>                             scores;
  };
  std::size_t        cases = 0, patients = 0;
  BootstrapPlan      plan;
  std::vector<Label> labels; ///< in the order of the rows

  static SegmentationSheet Of(const std::vector<SegmentationRow> & rows, const BootstrapPlan & plan);

  std::string ToText() const;
  std::string ToJson() const; ///< numbers that are not defined are null
};

} // namespace serval
