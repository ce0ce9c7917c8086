#include "serval/Evaluation/Ensemble.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/Metrics.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

namespace serval
{
namespace
{

constexpr double      leastProbability = 1e-12;
constexpr std::size_t stepsPerModel = 3;

Predictions Sum(Predictions to, const Predictions & more)
{
  for (std::size_t i = 0; i < to.rows.size(); ++i)
    for (std::size_t c = 0; c < to.classNames.size(); ++c)
      to.rows[i].probabilities[c] += more.rows[i].probabilities[c];
  return to;
}

std::vector<double> OfSumOne(std::vector<double> values)
{
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  for (double & value : values)
    value /= sum;
  return values;
}

std::vector<double> CombineRow(const EnsembleRows & rows, std::size_t row, EnsembleRule rule, const std::vector<int> & counts)
{
  const auto          classes = rows.ClassNames(0).size();
  const double        all = std::accumulate(counts.begin(), counts.end(), 0.0);
  std::vector<double> joined(classes, 0.0);
  for (std::size_t m = 0; m < rows.Models(); ++m)
  {
    const auto   p = rows.Probabilities(m, row);
    const double share = counts[m] / all;
    const auto   decision = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
    for (std::size_t c = 0; c < classes; ++c)
      joined[c] += share * (rule == EnsembleRule::Vote ? double(c == decision) : rule == EnsembleRule::Product ? std::log(std::max(p[c], leastProbability)) : p[c]);
  }
  if (rule == EnsembleRule::Product)
    for (double & value : joined)
      value = std::exp(value);
  return OfSumOne(std::move(joined));
}

// A name given for all rows must not hide that they are of several.
void RequireOne(const EnsembleRows & rows, const std::string & column, const std::string & given)
{
  const auto found = rows.File(0).Find(column);
  if (given.empty() || !found)
    return;
  std::set<std::string> values;
  for (std::size_t row = 0; row < rows.Rows(); ++row)
    values.insert(rows.File(0).At(row, *found));
  Require(values.size() == 1, Fault::Input, "the rows are of ", values.size(), " values of ", column, " (", Join({ values.begin(), values.end() }, ", "),
          "); --", column, " ", given, " would make them one");
}

/// Writes rows in predict's columns.
class Output
{
public:
  Output(const EnsembleRows & rows, const std::vector<std::string> & classes, const EnsembleNames & names)
    : m_Rows(rows)
    , m_From(rows.File(0))
  {
    std::vector<std::string> columns{ "patient", "case", "unit", "unit_id", "truth" };
    for (const auto & name : classes)
      columns.push_back("p_" + name);
    if (!rows.Lineage(0).empty())
      columns.emplace_back("lineage");
    if (!rows.Baseline(0).empty())
      columns.emplace_back("baseline");
    const std::vector<std::pair<std::string, std::string>> given{ { "arm", names.arm }, { "fold", names.fold }, { "repeat", names.repeat } };
    for (const auto & [column, value] : given)
      if (!value.empty() || (column != "arm" && m_From.Find(column)))
      {
        RequireOne(rows, column == "arm" ? "" : column, value);
        m_Given[column] = value;
        columns.push_back(column);
      }
    for (const auto & column : m_From.Columns())
      if (!column.starts_with("p_") && column != "arm" && std::find(columns.begin(), columns.end(), column) == columns.end())
        columns.push_back(column);
    m_Table = Table(columns);
  }

  void Add(std::size_t row, const std::string & truth, const std::vector<double> & probabilities)
  {
    std::size_t              next = 0;
    std::vector<std::string> cells;
    for (const auto & column : m_Table.Columns())
      cells.push_back(column == "truth"             ? truth
                      : column.starts_with("p_")    ? FormatNumber(probabilities[next++])
                      : column == "lineage"         ? m_Rows.Lineage(row)
                      : column == "baseline"        ? m_Rows.Baseline(row)
                      : column == "unit"            ? Cell(row, column, "patch")
                      : m_Given.contains(column) && !m_Given.at(column).empty() ? m_Given.at(column)
                                                    : Cell(row, column, ""));
    m_Table.AddRow(std::move(cells));
  }
  Table Done() { return std::move(m_Table); }

private:
  std::string Cell(std::size_t row, const std::string & column, const std::string & otherwise) const
  {
    const auto found = m_From.Find(column);
    return found ? m_From.At(row, *found) : otherwise;
  }

  const EnsembleRows &               m_Rows;
  const Table &                      m_From;
  std::map<std::string, std::string> m_Given;
  Table                              m_Table;
};

// The finest of both truths, or nothing where they contradict each other or leave the class open. Empty when neither knows it.
std::optional<std::string> FinestTruth(const std::string & detectors, const std::string & classifiers, const std::vector<std::string> & classes,
                                       const std::string & positive)
{
  const auto isClass = [&](const std::string & word) { return std::find(classes.begin(), classes.end(), word) != classes.end(); };
  if (detectors == classifiers && (detectors.empty() || isClass(detectors)))
    return detectors;
  const bool takesClassifiers = isClass(classifiers);
  const auto & finest = takesClassifiers ? classifiers : detectors;
  const auto & other = takesClassifiers ? detectors : classifiers;
  const bool   agrees = other.empty() || (other == positive && finest != classes.front());
  return isClass(finest) && agrees ? std::optional(finest) : std::nullopt;
}

std::vector<std::string> FinestTruths(const EnsembleRows & rows, const std::vector<std::string> & classes)
{
  std::vector<std::string> truths, unclear;
  for (std::size_t row = 0; row < rows.Rows(); ++row)
  {
    const auto found = FinestTruth(rows.Truth(0, row), rows.Truth(1, row), classes, rows.ClassNames(0)[1]);
    if (!found)
      unclear.push_back(Concat(rows.Words(row), ": '", rows.Truth(0, row), "' and '", rows.Truth(1, row), "'"));
    truths.push_back(found.value_or(""));
  }
  Require(unclear.empty(), Fault::Input, "the truths of ", unclear.size(), " of ", rows.Rows(), " units do not tell one of the classes ", Join(classes, ", "),
          " (the detector's and the classifier's: ", ExamplesOf(unclear), "); predict the same cache with both, --otherClasses");
  return truths;
}

} // namespace

std::vector<std::string> EnsembleRuleWords() { return { "mean", "vote", "product", "forward-selection", "cascade" }; }

EnsembleRule EnsembleRuleFrom(const std::string & word)
{
  const auto words = EnsembleRuleWords();
  const auto at = std::find(words.begin(), words.end(), word);
  Require(at != words.end(), Fault::Usage, "the rule '", word, "' is unknown; known are ", Join(words, ", "));
  return static_cast<EnsembleRule>(at - words.begin());
}

ForwardSelection SelectForward(const EnsembleRows & given)
{
  auto rows = given;
  rows.AlignClasses();
  std::vector<Predictions> members;
  for (std::size_t m = 0; m < rows.Models(); ++m)
    members.push_back(InClassOrder(Predictions::From(rows.File(m), "model " + std::to_string(m + 1)), rows.ClassNames(0)));
  // A decision is the class of the largest sum: the mean's division changes nothing.
  auto sum = members.front();
  for (auto & row : sum.rows)
    std::fill(row.probabilities.begin(), row.probabilities.end(), 0.0);
  std::vector<std::size_t> chosen;
  ForwardSelection         found;
  for (std::size_t step = 0; step < stepsPerModel * members.size(); ++step)
  {
    std::vector<double> scores;
    for (const auto & member : members)
      scores.push_back(Evaluate(Sum(sum, member), Metric::MacroF1));
    chosen.push_back(static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin()));
    found.scores.push_back(scores[chosen.back()]);
    sum = Sum(std::move(sum), members[chosen.back()]);
  }
  found.steps = static_cast<std::size_t>(std::max_element(found.scores.begin(), found.scores.end()) - found.scores.begin()) + 1;
  found.counts.assign(members.size(), 0);
  for (std::size_t step = 0; step < found.steps; ++step)
    ++found.counts[chosen[step]];
  return found;
}

Table Combine(EnsembleRows rows, EnsembleRule rule, const std::vector<int> & counts, const EnsembleNames & names)
{
  Require(counts.size() == rows.Models() && std::accumulate(counts.begin(), counts.end(), 0) > 0, Fault::Internal, "a count for each model is needed");
  rows.AlignClasses();
  Output output(rows, rows.ClassNames(0), names);
  for (std::size_t row = 0; row < rows.Rows(); ++row)
    output.Add(row, rows.Truth(0, row), CombineRow(rows, row, rule, counts));
  return output.Done();
}

Table Cascade(const EnsembleRows & rows, const EnsembleNames & names)
{
  Require(rows.Models() == 2, Fault::Usage, "a cascade is made of two files, the detector's and the classifier's; ", rows.Models(), " are given");
  const auto & detector = rows.ClassNames(0);
  const auto & classifier = rows.ClassNames(1);
  Require(detector.size() == 2, Fault::Input, "the detector, the first file, has the classes ", Join(detector, ", "), "; two are expected, the second the positive one");
  Require(std::find(classifier.begin(), classifier.end(), detector[0]) == classifier.end(), Fault::Input, "the classifier has the class '", detector[0],
          "', which is the detector's negative one");
  std::vector<std::string> classes{ detector[0] };
  classes.insert(classes.end(), classifier.begin(), classifier.end());
  const auto truths = FinestTruths(rows, classes);
  Output     output(rows, classes, names);
  for (std::size_t row = 0; row < rows.Rows(); ++row)
  {
    const auto          d = rows.Probabilities(0, row), c = rows.Probabilities(1, row);
    std::vector<double> joined{ d[0] };
    std::transform(c.begin(), c.end(), std::back_inserter(joined), [&](double p) { return d[1] * p; });
    output.Add(row, truths[row], OfSumOne(std::move(joined)));
  }
  return output.Done();
}

} // namespace serval
