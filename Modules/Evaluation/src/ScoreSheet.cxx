#include "serval/Evaluation/ScoreSheet.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/Calibration.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace serval
{
namespace
{

constexpr std::size_t fewPatients = 30;

std::string Padded(std::string text, std::size_t width) { return text.append(width - std::min(width, text.size()), ' '); }

nlohmann::json ToJsonObject(const Interval & interval)
{
  return { { "value", interval.value }, { "low", interval.low }, { "high", interval.high }, { "redrawn", interval.redrawn }, { "method", interval.method } };
}

// What holds for rows that are independent of each other.
std::vector<Interval> FurtherIntervals(const Predictions & predictions, const Metric & metric, double value, double confidence)
{
  std::vector<Interval> further;
  const bool            isIndependent = HasOneRowEach(predictions);
  const auto            add = [&](double trials) {
    const double successes = std::round(value * trials);
    further.push_back(WilsonInterval(successes, trials, confidence));
    further.push_back(ClopperPearsonInterval(successes, trials, confidence));
  };
  const auto ofTruth = [&](int c) { return double(std::count_if(predictions.rows.begin(), predictions.rows.end(), [c](const Prediction & row) { return row.truth == c; })); };
  if (!std::isfinite(value))
    return further;
  if (isIndependent && metric.kind == Metric::Accuracy)
    add(double(predictions.rows.size()));
  if (isIndependent && metric.kind == Metric::Recall)
    add(ofTruth(metric.ofClass));
  std::set<std::string> repeats, ofClass[2];
  for (const auto & row : predictions.rows)
  {
    repeats.insert(row.repeat);
    ofClass[row.truth == 1].insert(row.patient);
  }
  if (metric.kind == Metric::Auc && predictions.classNames.size() == 2 && repeats.size() == 1 && ofClass[0].size() >= 2 && ofClass[1].size() >= 2)
    further.push_back(DeLongInterval(predictions, confidence));
  return further;
}

std::vector<Metric> MetricsOf(std::size_t classes)
{
  std::vector<Metric> metrics;
  for (const auto & word : MetricWords())
    metrics.push_back(MetricFrom(word));
  for (int c = 0; c < static_cast<int>(classes); ++c)
  {
    for (const auto kind : { Metric::Recall, Metric::Precision, Metric::F1, Metric::Specificity })
      metrics.emplace_back(kind, c);
    if (classes > 2)
      for (const auto kind : { Metric::Auc, Metric::AveragePrecision })
        metrics.emplace_back(kind, c);
  }
  return metrics;
}

std::string NameOf(const Score & score) { return ToText(score.metric) + (score.className.empty() ? "" : " of " + score.className); }

std::string Percent(double share) { return FormatNumber(100 * share) + " %"; }

} // namespace

std::string ToText(const Interval & interval)
{
  if (!std::isfinite(interval.value))
    return "not defined: a class has no row";
  if (!std::isfinite(interval.low))
    return FormatFixed(interval.value, 3) + " [no interval: too few patients of a class]";
  return Concat(FormatFixed(interval.value, 3), " [", FormatFixed(interval.low, 3), ", ", FormatFixed(interval.high, 3), "]");
}

std::string LatexEscaped(const std::string & text)
{
  std::string escaped;
  for (const char c : text)
  {
    if (c == '\\' || c == '~' || c == '^')
      escaped += c == '\\' ? "\\textbackslash{}" : c == '~' ? "\\textasciitilde{}" : "\\textasciicircum{}";
    else
    {
      if (std::string_view("&%$#_{}").find(c) != std::string_view::npos)
        escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

ScoreSheet ScoreSheet::Of(const Predictions & predictions, const BootstrapPlan & plan, Progress & progress)
{
  ScoreSheet            sheet{ predictions.name, predictions.unit, predictions.rows.size(), predictions.Patients().size(), 0, predictions.classNames,
                               PrevalenceOf(predictions), plan, {}, ConfusionMatrix(predictions), {} };
  std::set<std::string> repeats;
  for (const auto & row : predictions.rows)
    repeats.insert(row.repeat);
  sheet.repeats = repeats.size();
  const auto metrics = MetricsOf(predictions.classNames.size());
  for (const auto & metric : metrics)
  {
    progress.Report(double(sheet.scores.size()) / double(metrics.size() + 2), serval::ToText(metric));
    Score score{ metric, metric.ofClass < 0 ? "" : predictions.classNames[static_cast<std::size_t>(metric.ofClass)], BootstrapInterval(predictions, metric, plan), {} };
    score.further = FurtherIntervals(predictions, metric, score.interval.value, plan.confidence);
    sheet.scores.push_back(std::move(score));
  }
  sheet.confusionShares = ConfusionIntervals(predictions, plan);
  return sheet;
}

const Score & ScoreSheet::At(const Metric & metric) const
{
  const auto found = std::find_if(scores.begin(), scores.end(), [&](const Score & score) { return score.metric == metric; });
  Require(found != scores.end(), Fault::Internal, "the sheet lacks the ", serval::ToText(metric));
  return *found;
}

std::string ScoreSheet::ToText() const
{
  const bool  hasIntervals = std::any_of(scores.begin(), scores.end(), [](const Score & score) { return std::isfinite(score.interval.low); });
  const auto  words = [&](const Interval & interval) { return hasIntervals || !std::isfinite(interval.value) ? serval::ToText(interval) : FormatFixed(interval.value, 3); };
  std::string text = hasIntervals ? "" : "no number has an interval: too few patients of a class\n";
  std::size_t width = 0;
  for (const auto & score : scores)
    width = std::max(width, NameOf(score).size() + 2);
  for (const auto & score : scores)
  {
    text += Padded(NameOf(score), width) + words(score.interval);
    for (const auto & further : score.further)
      if (std::isfinite(further.low))
        text += Concat("; ", further.method, " [", FormatFixed(further.low, 3), ", ", FormatFixed(further.high, 3), "]");
    if (score.metric == Metric::Ece)
      text += Concat(" (", eceBins, " bins of equal width)");
    if (score.interval.redrawn > 0)
      text += Concat(" (", score.interval.redrawn, " samples without a value drawn again)");
    text += '\n';
  }
  std::size_t nameWidth = 7;
  for (const auto & name : classNames)
    nameWidth = std::max(nameWidth, name.size() + 2);
  const auto cell = [&](std::size_t row, std::size_t column) {
    const auto & share = confusionShares[row][column];
    return std::to_string(confusion[row][column]) + (std::isfinite(share.value) ? "  " + words(share) : "");
  };
  std::size_t columnWidth = nameWidth;
  for (std::size_t row = 0; row < confusion.size(); ++row)
    for (std::size_t column = 0; column < confusion.size(); ++column)
      columnWidth = std::max(columnWidth, cell(row, column).size() + 2);
  std::string line = Padded("truth", nameWidth);
  for (const auto & name : classNames)
    line += Padded(name, columnWidth);
  text += "Confusion (columns: decision; share of the row's class)\n" + Trim(line);
  for (std::size_t row = 0; row < confusion.size(); ++row)
  {
    line = Padded(classNames[row], nameWidth);
    for (std::size_t column = 0; column < confusion.size(); ++column)
      line += Padded(cell(row, column), columnWidth);
    text += '\n' + Trim(line);
  }
  return text;
}

Table ScoreSheet::ToTable() const
{
  Table table({ "metric", "class", "value", "low", "high", "method" });
  for (const auto & score : scores)
  {
    const auto add = [&](const Interval & i) {
      table.AddRow({ KeyOf(score.metric), score.className, FormatNumber(i.value), FormatNumber(i.low), FormatNumber(i.high), i.method });
    };
    add(score.interval);
    for (const auto & further : score.further)
      add(further);
  }
  return table;
}

std::string ScoreSheet::ToLatex() const
{
  std::string text = "\\begin{tabular}{lrr}\n\\hline\nmetric & value & " + LatexEscaped(Percent(plan.confidence)) + " interval \\\\\n\\hline\n";
  for (const auto & score : scores)
  {
    const auto & i = score.interval;
    text += LatexEscaped(NameOf(score)) + " & " + (std::isfinite(i.value) ? FormatFixed(i.value, 3) : "--") + " & " +
            (std::isfinite(i.low) ? FormatFixed(i.low, 3) + " to " + FormatFixed(i.high, 3) : "--") + " \\\\\n";
  }
  return text + "\\hline\n\\end{tabular}\n";
}

std::string ScoreSheet::ToJson() const
{
  nlohmann::json json{ { "schema", "serval-scores/1" }, { "unit", serval::ToText(unit) }, { "rows", rows }, { "patients", patients }, { "repeats", repeats },
                       { "classes", classNames }, { "prevalence", prevalence }, { "confidence", plan.confidence }, { "bootstrap", plan.samples },
                       { "seed", plan.seed }, { "eceBins", eceBins }, { "confusion", confusion }, { "inWords", InWords() } };
  for (const auto & score : scores)
  {
    auto object = ToJsonObject(score.interval);
    for (const auto & further : score.further)
      object["further"].push_back(ToJsonObject(further));
    (score.className.empty() ? json[KeyOf(score.metric)] : json["ofClass"][score.className][KeyOf(score.metric)]) = object;
  }
  for (const auto & row : confusionShares)
  {
    json["confusionShares"].push_back(nlohmann::json::array());
    for (const auto & share : row)
      json["confusionShares"].back().push_back({ { "value", share.value }, { "low", share.low }, { "high", share.high } });
  }
  return json.dump();
}

std::string ScoreSheet::InWords() const
{
  const auto   common = std::max_element(prevalence.begin(), prevalence.end());
  const auto & accuracy = At(Metric::Accuracy).interval;
  const auto & auc = At(Metric::Auc).interval;
  const auto & slope = At(Metric::CalibrationSlope).interval;
  std::string  text = Concat("On ", Counted(patients, "patient"), " (", Counted(rows, "row"), ", unit ", serval::ToText(unit), repeats > 1 ? Concat(", ", repeats, " repeats") : "", ") '",
                             name, "' decided rightly in ", Percent(std::round(1000 * accuracy.value) / 1000));
  if (std::isfinite(accuracy.low))
    text += Concat(" (", FormatNumber(100 * plan.confidence), " % interval ", FormatFixed(accuracy.low, 3), " to ", FormatFixed(accuracy.high, 3), "; ", accuracy.method, ")");
  text += Concat(". The most frequent class, ", classNames[static_cast<std::size_t>(common - prevalence.begin())], ", has a share of ", FormatFixed(*common, 3), ": ",
                 !std::isfinite(accuracy.low)   ? "no interval can tell whether the model does better than always saying it."
                 : accuracy.low > *common       ? "the model does better than always saying it."
                 : accuracy.high < *common      ? "the model does worse than always saying it."
                                                : "it was not shown that the model does better than always saying it.");
  if (!std::isfinite(auc.value))
    text += " The AUC is not defined, as a class has no row.";
  else if (std::isfinite(auc.low))
    text += Concat(" The AUC is ", FormatFixed(auc.value, 3), " (", FormatFixed(auc.low, 3), " to ", FormatFixed(auc.high, 3), "): ",
                   auc.low > 0.5 ? "the scores rank the classes better than chance." : auc.high < 0.5 ? "the scores rank the classes worse than chance."
                                 : "better ranking than chance was not shown.");
  if (std::isfinite(slope.low))
    text += Concat(" Calibration slope ", FormatFixed(slope.value, 2), " (", FormatFixed(slope.low, 2), " to ", FormatFixed(slope.high, 2), "): ",
                   slope.high < 1 ? "the probabilities are too bold." : slope.low > 1 ? "the probabilities are too timid." : "neither too bold nor too timid was shown.");
  if (!std::isfinite(accuracy.low))
    return text;
  if (patients < fewPatients)
    text += Concat(" With fewer than ", fewPatients, " patients bootstrap intervals tend to be too short.");
  text += repeats > 1 ? " The intervals hold the spread of patients and of training runs." : " The intervals hold the spread of patients, not that of another training run.";
  return text;
}

std::vector<Subgroup> Subgroups(const Predictions & predictions, const std::string & column, const std::vector<std::string> & values, const BootstrapPlan & plan)
{
  Require(values.size() == predictions.rows.size(), Fault::Internal, values.size(), " groups for ", predictions.rows.size(), " rows");
  std::vector<Subgroup> groups;
  for (const auto & value : std::set(values.begin(), values.end()))
  {
    const auto part = predictions.Where([&](const Prediction & row) { return values[static_cast<std::size_t>(&row - predictions.rows.data())] == value; });
    groups.push_back({ column, value, part.Patients().size(), part.rows.size(), BootstrapInterval(part, Metric::Accuracy, plan), BootstrapInterval(part, Metric::Auc, plan) });
  }
  return groups;
}

} // namespace serval
