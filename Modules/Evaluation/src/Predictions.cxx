#include "serval/Evaluation/Predictions.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace serval
{
namespace
{

struct Row
{
  std::string caseId;
  Prediction  prediction;
};

std::vector<double> ReadProbabilities(const Table & table, std::size_t row, const std::vector<std::string> & classNames)
{
  std::vector<double> probabilities;
  double              sum = 0;
  for (const auto & name : classNames)
  {
    const double p = table.Number(row, "p_" + name);
    Require(p >= 0 && p <= 1, Fault::Input, table.Origin(), ", row ", row + 1, ": p_", name, " is ", p, "; 0 to 1 is expected");
    probabilities.push_back(p);
    sum += p;
  }
  Require(std::abs(sum - 1) <= 1e-3, Fault::Input, table.Origin(), ", row ", row + 1, ": the probabilities have the sum ", sum, "; 1 is expected");
  return probabilities;
}

std::vector<Row> ReadRows(const Table & table, const std::vector<std::string> & classNames)
{
  const auto text = [&](std::size_t row, const char * column) { return table.Find(column) ? table.At(row, column) : std::string(); };
  std::vector<Row> rows;
  for (std::size_t i = 0; i < table.Rows(); ++i)
  {
    const auto & truth = table.At(i, "truth");
    const auto   found = std::find(classNames.begin(), classNames.end(), truth);
    Require(found != classNames.end(), Fault::Input, table.Origin(), ", row ", i + 1, ": the truth '", truth, "' is none of the classes ",
            Join(classNames, ", "));
    Row row{ text(i, "case"), { table.At(i, "patient"), text(i, "unit_id"), text(i, "repeat"), int(found - classNames.begin()), {} } };
    row.prediction.probabilities = ReadProbabilities(table, i, classNames);
    if (row.prediction.unitId.empty())
      row.prediction.unitId = std::to_string(i);
    rows.push_back(std::move(row));
  }
  Require(!rows.empty(), Fault::Input, table.Origin(), " holds no prediction");
  return rows;
}

bool TruthIsThePatients(const std::vector<Row> & rows)
{
  std::map<std::string, int> truths;
  return std::all_of(rows.begin(), rows.end(), [&](const Row & row) {
    return truths.emplace(row.prediction.patient, row.prediction.truth).first->second == row.prediction.truth;
  });
}

std::vector<Prediction> Average(const std::vector<Row> & rows, Unit unit, const std::string & origin)
{
  std::map<std::pair<std::string, std::string>, std::pair<Prediction, int>> sums;
  for (const auto & row : rows)
  {
    const auto & p = row.prediction;
    const auto   id = unit == Unit::Case ? p.patient + "/" + row.caseId : p.patient;
    auto [at, fresh] = sums.try_emplace({ p.repeat, id }, p, 0);
    auto & [sum, count] = at->second;
    Require(sum.truth == p.truth, Fault::Input, origin, ": ", ToText(unit), " '", id, "' has rows of different truth; use --unit patch");
    sum.unitId = id;
    for (std::size_t c = 0; c < p.probabilities.size() && !fresh; ++c)
      sum.probabilities[c] += p.probabilities[c];
    ++count;
  }
  std::vector<Prediction> averaged;
  for (auto & [key, entry] : sums)
  {
    for (double & p : entry.first.probabilities)
      p /= entry.second;
    averaged.push_back(std::move(entry.first));
  }
  return averaged;
}

} // namespace

Unit UnitFrom(const std::string & text)
{
  return text == "auto"      ? Unit::Auto
         : text == "patch"   ? Unit::Patch
         : text == "case"    ? Unit::Case
         : text == "patient" ? Unit::Patient
                             : throw Error(Fault::Usage, "the unit '" + text + "' is unknown");
}

std::string ToText(Unit unit)
{
  return unit == Unit::Auto ? "auto" : unit == Unit::Patch ? "patch" : unit == Unit::Case ? "case" : "patient";
}

int Prediction::Decision() const
{
  return static_cast<int>(std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin());
}

Predictions Predictions::From(const Table & table, const std::string & name, Unit unit)
{
  Predictions predictions{ name, {}, {}, unit };
  for (const auto & column : table.Columns())
    if (column.starts_with("p_"))
      predictions.classNames.push_back(column.substr(2));
  Require(predictions.classNames.size() >= 2, Fault::Input, table.Origin(), " has ", predictions.classNames.size(),
          " columns p_<class>; two or more are expected");
  const auto rows = ReadRows(table, predictions.classNames);
  if (unit == Unit::Auto)
    predictions.unit = TruthIsThePatients(rows) ? Unit::Patient : Unit::Patch;
  if (predictions.unit == Unit::Patch)
    for (const auto & row : rows)
      predictions.rows.push_back(row.prediction);
  else
    predictions.rows = Average(rows, predictions.unit, table.Origin());
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto & row : predictions.rows)
    Require(seen.insert({ row.repeat, row.unitId }).second, Fault::Input, table.Origin(), ": the unit '", row.unitId, "' stands twice",
            row.repeat.empty() ? "" : " in repeat " + row.repeat);
  return predictions;
}

Predictions Predictions::Read(const std::filesystem::path & file, Unit unit) { return From(Table::Read(file), file.stem().string(), unit); }

std::vector<std::string> Predictions::Patients() const
{
  std::set<std::string> patients;
  for (const auto & row : rows)
    patients.insert(row.patient);
  return { patients.begin(), patients.end() };
}

Predictions Join(const std::vector<Predictions> & repeats)
{
  Predictions joined = repeats.at(0);
  for (std::size_t i = 1; i < repeats.size(); ++i)
  {
    Require(repeats[i].classNames == joined.classNames && repeats[i].unit == joined.unit, Fault::Input, "the repeats of '", joined.name,
            "' differ in classes or unit");
    joined.rows.insert(joined.rows.end(), repeats[i].rows.begin(), repeats[i].rows.end());
  }
  return joined;
}

} // namespace serval
