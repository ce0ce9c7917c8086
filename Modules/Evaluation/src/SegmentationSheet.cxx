#include "serval/Evaluation/SegmentationSheet.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace serval
{
namespace
{

std::string Padded(std::string text, std::size_t width) { return text.append(width - std::min(width, text.size()), ' '); }

SegmentationSheet::Score ScoreOf(const std::vector<const SegmentationRow *> & rows, std::size_t metric, const BootstrapPlan & plan)
{
  std::vector<PatientNumber> numbers;
  std::vector<double>        values;
  std::set<std::string>      patients;
  for (const auto * row : rows)
    if (const auto & number = row->numbers[metric])
    {
      numbers.push_back({ row->patient, *number });
      values.push_back(*number);
      patients.insert(row->patient);
    }
  const double median = values.empty() ? std::numeric_limits<double>::quiet_NaN() : Quantile(values, 0.5);
  return { MeanInterval(numbers, plan), median, values.size(), patients.size() };
}

SegmentationSheet::Label LabelOf(const std::string & name, const std::vector<const SegmentationRow *> & rows, const BootstrapPlan & plan)
{
  SegmentationSheet::Label           label{ name, rows.size(), {}, {} };
  std::map<std::string, std::size_t> remarks;
  for (const auto * row : rows)
    if (!row->remark.empty())
      ++remarks[row->remark];
  label.remarks.assign(remarks.begin(), remarks.end());
  for (std::size_t metric = 0; metric < segmentationMetrics.size(); ++metric)
    label.scores[metric] = ScoreOf(rows, metric, plan);
  return label;
}

std::string TextOf(const SegmentationSheet::Score & score)
{
  if (score.cases == 0)
    return "no case has this number";
  const std::string limits = std::isfinite(score.mean.low) ? Concat(" [", FormatFixed(score.mean.low, 3), ", ", FormatFixed(score.mean.high, 3), "]")
                                                           : std::string(" (one patient: no interval)");
  return Padded(FormatFixed(score.mean.value, 3) + limits, 30) + "median " + Padded(FormatFixed(score.median, 3), 10) + Concat(Counted(score.cases, "case"), " of ", Counted(score.patients, "patient"));
}

} // namespace

SegmentationSheet SegmentationSheet::Of(const std::vector<SegmentationRow> & rows, const BootstrapPlan & plan)
{
  Require(!rows.empty(), Fault::Input, "there is no segmentation to evaluate");
  SegmentationSheet                                           sheet;
  std::vector<std::string>                                    order;
  std::map<std::string, std::vector<const SegmentationRow *>> ofLabel;
  std::set<std::string>                                       cases, patients;
  for (const auto & row : rows)
  {
    if (!ofLabel.contains(row.label))
      order.push_back(row.label);
    ofLabel[row.label].push_back(&row);
    cases.insert(row.caseId);
    patients.insert(row.patient);
  }
  sheet.cases = cases.size();
  sheet.patients = patients.size();
  sheet.plan = plan;
  for (const auto & name : order)
    sheet.labels.push_back(LabelOf(name, ofLabel.at(name), plan));
  return sheet;
}

std::string SegmentationSheet::ToText() const
{
  std::string text = Concat(Counted(cases, "case"), " of ", Counted(patients, "patient"), "; means with ", FormatNumber(100 * plan.confidence), " % intervals from ", plan.samples,
                            plan.kind == BootstrapPlan::Kind::Bca ? " BCa" : "", " bootstrap samples of patients\n");
  for (const auto & label : labels)
  {
    text += label.name + "\n";
    for (std::size_t metric = 0; metric < segmentationMetrics.size(); ++metric)
      text += "  " + Padded(segmentationMetrics[metric].words, 20) + TextOf(label.scores[metric]) + "\n";
    for (const auto & [remark, count] : label.remarks)
      text += Concat("  ", remark, ": ", count, " of ", Counted(label.cases, "case"), "\n");
  }
  text.pop_back();
  return text;
}

std::string SegmentationSheet::ToJson() const
{
  nlohmann::ordered_json json{ { "schema", "serval-segmentation-scores/1" }, { "cases", cases }, { "patients", patients }, { "confidence", plan.confidence },
                               { "bootstrap", plan.samples }, { "interval", plan.kind == BootstrapPlan::Kind::Bca ? "bca" : "percentile" }, { "seed", plan.seed } };
  for (const auto & label : labels)
  {
    auto & one = json["labels"].emplace_back(nlohmann::ordered_json{ { "label", label.name }, { "cases", label.cases }, { "remarks", nlohmann::ordered_json::object() } });
    for (const auto & [remark, count] : label.remarks)
      one["remarks"][remark] = count;
    for (std::size_t metric = 0; metric < segmentationMetrics.size(); ++metric)
    {
      const auto & [mean, median, number, of] = label.scores[metric];
      one[segmentationMetrics[metric].key] = { { "value", mean.value }, { "low", mean.low }, { "high", mean.high }, { "median", median }, { "cases", number }, { "patients", of } };
    }
  }
  return json.dump();
}

} // namespace serval
