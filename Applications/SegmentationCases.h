#pragma once
// Numbers of the labels of each case, and their table.

#include "SegmentationPairs.h"
#include "serval/Core/Table.h"
#include "serval/Evaluation/SegmentationSheet.h"
#include "serval/Volume/SegmentationScores.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace serval
{

/// Which labels of label maps are looked at, and what they are called.
struct LabelChoice
{
  std::vector<int>         values; ///< empty: all but 0 that are found
  std::vector<std::string> names;  ///< of these values; of 1, 2, ... where those are empty

  void Declare(app::Parameters & p)
  {
    p.Add("labels", &values, "Values of the labels; all but 0 that are found when left out").Range(1, 65535);
    p.Add("labelNames", &names, "Their names in this order; of 1, 2, ... when --labels is left out");
  }
  void Check()
  {
    if (values.empty())
      for (std::size_t i = 0; i < names.size(); ++i)
        values.push_back(static_cast<int>(i) + 1);
    Require(names.empty() || names.size() == values.size(), Fault::Usage, "--labelNames has ", names.size(), " names for ", values.size(), " labels");
    Require(std::set<int>(values.begin(), values.end()).size() == values.size() && std::set<std::string>(names.begin(), names.end()).size() == names.size(), Fault::Usage,
            "--labels or --labelNames name one more than once");
  }
  std::string NameOf(int value) const
  {
    const auto found = std::find(values.begin(), values.end(), value) - values.begin();
    return names.empty() ? Concat("label ", value) : names[static_cast<std::size_t>(found)];
  }
};

/// What one case gives: scores of each label that was asked for, or is in one of its label maps; or why there are none.
struct SegmentationCase
{
  SegmentationPair                  pair;
  std::map<int, SegmentationScores> scores;
  std::string                       problem;

  /// A problem of the files becomes the case's.
  static SegmentationCase Of(const SegmentationPair & pair, const std::vector<int> & values, const ReadOptions & reading)
  {
    SegmentationCase result{ pair, {}, {} };
    try
    {
      Require(!pair.reference.empty(), Fault::Input, "it has no reference");
      Require(!pair.predicted.empty(), Fault::Input, "it has no predicted label map");
      const auto reference = ReadLabels(pair.reference, reading), predicted = ReadLabels(pair.predicted, reading);
      RequireSameGrid(reference.geometry, predicted.geometry, "the reference", "the predicted label map");
      std::set<int> wanted(values.begin(), values.end());
      if (values.empty())
        for (const auto * one : { &reference, &predicted })
          wanted.insert(one->labels.begin(), one->labels.end());
      wanted.erase(0);
      for (const int value : wanted)
        result.scores[value] = ScoreSegmentation(reference, predicted, static_cast<std::uint16_t>(value));
    }
    catch (const Error & error)
    {
      if (error.Kind() != Fault::Input)
        throw;
      result.problem = error.what();
    }
    return result;
  }
};

/// One label of one case; a label that only other cases have is absent in both.
struct LabelledScores
{
  SegmentationPair   pair;
  std::string        label;
  SegmentationScores scores;
};

inline std::vector<LabelledScores> LabelByLabel(const std::vector<SegmentationCase> & cases, const LabelChoice & labels)
{
  std::set<int> found(labels.values.begin(), labels.values.end());
  for (const auto & one : cases)
    for (const auto & [value, scores] : one.scores)
      found.insert(value);
  std::vector<LabelledScores> rows;
  for (const int value : found)
    for (const auto & one : cases)
      if (one.problem.empty())
        rows.push_back({ one.pair, labels.NameOf(value), one.scores.contains(value) ? one.scores.at(value) : SegmentationScores{} });
  return rows;
}

/// For the sheet: the error of the volume has no meaning where there is nothing on either side.
inline SegmentationRow RowOf(const LabelledScores & one)
{
  const auto &                s = one.scores;
  const std::optional<double> error = s.dice ? std::optional(s.VolumeError()) : std::nullopt;
  return { one.pair.patient, one.pair.caseId, one.label, s.Remark(), { s.dice, s.iou, s.hd95, s.assd, error, s.volumePercent } };
}

/// case, patient, label, reference_ml, predicted_ml, the numbers by their keys (empty where not defined), remark.
inline Table TableOf(const std::vector<LabelledScores> & rows)
{
  std::vector<std::string> columns{ "case", "patient", "label", "reference_ml", "predicted_ml" };
  for (const auto & metric : segmentationMetrics)
    columns.emplace_back(metric.key);
  columns.emplace_back("remark");
  Table table(columns);
  for (const auto & one : rows)
  {
    std::vector<std::string> cells{ one.pair.caseId, one.pair.patient, one.label, FormatNumber(one.scores.referenceVolume), FormatNumber(one.scores.predictedVolume) };
    for (const auto & number : RowOf(one).numbers)
      cells.push_back(number ? FormatNumber(*number) : "");
    cells.push_back(one.scores.Remark());
    table.AddRow(cells);
  }
  return table;
}

} // namespace serval
