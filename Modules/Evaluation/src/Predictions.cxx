#include "serval/Evaluation/Predictions.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <array>
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

// Where a row stands, and whose it is; only asked for when it is refused, as a table may have many rows.
std::string Place(const Table & table, std::size_t row)
{
  const auto named = [&](const char * column) { return table.Find(column) && !table.At(row, column).empty() ? Concat(", ", column, " '", table.At(row, column), "'") : std::string(); };
  return Concat(table.Origin(), ", row ", row + 1, named("patient"), named("case"));
}

std::vector<double> ReadProbabilities(const Table & table, std::size_t row, const std::vector<std::string> & classNames)
{
  std::vector<double> probabilities;
  double              sum = 0;
  for (const auto & name : classNames)
  {
    const double p = table.Number(row, "p_" + name);
    if (!(p >= 0 && p <= 1))
      Fail(Fault::Input, Place(table, row), ": p_", name, " is ", p, "; 0 to 1 is expected");
    probabilities.push_back(p);
    sum += p;
  }
  if (!(std::abs(sum - 1) <= 1e-3))
    Fail(Fault::Input, Place(table, row), ": the probabilities have the sum ", sum, "; 1 is expected");
  return probabilities;
}

std::vector<Row> ReadRows(const Table & table, const std::vector<std::string> & classNames)
{
  const auto text = [&](std::size_t row, const char * column) { return table.Find(column) ? table.At(row, column) : std::string(); };
  std::vector<Row> rows;
  std::map<std::array<std::string, 3>, int> numbered; // repeat, patient, case: rows without unit_id so far
  for (std::size_t i = 0; i < table.Rows(); ++i)
  {
    const auto & truth = table.At(i, "truth");
    const auto   found = std::find(classNames.begin(), classNames.end(), truth);
    if (found == classNames.end())
      Fail(Fault::Input, Place(table, i), ": the truth '", truth, "' is none of the classes ", Join(classNames, ", "));
    Row row{ text(i, "case"), { table.At(i, "patient"), text(i, "unit_id"), text(i, "repeat"), int(found - classNames.begin()), {},
                            text(i, "case"), text(i, "fold"), text(i, "dataset"), text(i, "lesion") } };
    auto & p = row.prediction;
    if (p.patient.empty())
      Fail(Fault::Input, Place(table, i), " names no patient");
    p.probabilities = ReadProbabilities(table, i, classNames);
    if (p.unitId.empty())
      p.unitId = "#" + std::to_string(++numbered[{ p.repeat, p.patient, row.caseId }]);
    if (!row.caseId.empty())
      p.unitId = row.caseId + "/" + p.unitId;
    rows.push_back(std::move(row));
  }
  Require(!rows.empty(), Fault::Input, table.Origin(), " holds no prediction");
  return rows;
}

// Averages over arms, or over models of several folds, would belong to no model.
void RequireOneModel(const Table & table)
{
  const auto arm = table.Find("arm"), fold = table.Find("fold"), repeat = table.Find("repeat"), dataset = table.Find("dataset");
  std::map<std::pair<std::string, std::string>, std::string> folds; // repeat, patient
  std::map<std::string, std::string>                         datasets; // patient
  for (std::size_t i = 0; i < table.Rows(); ++i)
  {
    Require(!arm || table.At(i, *arm) == table.At(0, *arm), Fault::Input, table.Origin(), " holds several arms, '",
            arm ? table.At(0, *arm) : "", "' and '", arm ? table.At(i, *arm) : "", "'; write one file for each");
    const auto & patient = table.At(i, "patient");
    if (dataset)
    {
      const auto & first = datasets.emplace(patient, table.At(i, *dataset)).first->second;
      Require(first == table.At(i, *dataset), Fault::Input, table.Origin(), ": patient '", patient, "' is in the data sets '", first, "' and '",
              table.At(i, *dataset), "'; give patients ids that differ");
    }
    if (!fold)
      continue;
    const auto & first = folds.emplace(std::pair(repeat ? table.At(i, *repeat) : "", patient), table.At(i, *fold)).first->second;
    Require(first == table.At(i, *fold), Fault::Input, table.Origin(), ": patient '", patient, "' is in the folds '", first, "' and '",
            table.At(i, *fold), "'; name repetitions in a column 'repeat'");
  }
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
  std::map<std::array<std::string, 3>, std::pair<Prediction, int>> sums; // repeat, patient, unit
  for (const auto & row : rows)
  {
    const auto & p = row.prediction;
    const auto & id = unit == Unit::Case ? row.caseId : p.patient;
    auto [at, fresh] = sums.try_emplace({ p.repeat, p.patient, id }, p, 0);
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
  RequireOneModel(table);
  const auto rows = ReadRows(table, predictions.classNames);
  if (unit == Unit::Auto)
    predictions.unit = TruthIsThePatients(rows) ? Unit::Patient : Unit::Patch;
  if (predictions.unit == Unit::Patch)
    for (const auto & row : rows)
      predictions.rows.push_back(row.prediction);
  else
    predictions.rows = Average(rows, predictions.unit, table.Origin());
  std::set<std::array<std::string, 3>> seen;
  for (const auto & row : predictions.rows)
    Require(seen.insert({ row.repeat, row.patient, row.unitId }).second, Fault::Input, table.Origin(), ": the unit '", row.unitId,
            "' of patient '", row.patient, "' stands twice", row.repeat.empty() ? "" : " in repeat " + row.repeat);
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

Predictions Predictions::Where(const std::function<bool(const Prediction &)> & chosen) const
{
  Predictions part{ name, classNames, {}, unit };
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(part.rows), chosen);
  return part;
}

Predictions InClassOrder(const Predictions & predictions, const std::vector<std::string> & classNames)
{
  const auto &     own = predictions.classNames;
  std::vector<int> place; // of each own class
  for (const auto & name : own)
    place.push_back(static_cast<int>(std::find(classNames.begin(), classNames.end(), name) - classNames.begin()));
  Require(own.size() == classNames.size() && std::count(place.begin(), place.end(), static_cast<int>(classNames.size())) == 0, Fault::Input,
          "'", predictions.name, "' has the classes ", Join(own, ", "), "; ", Join(classNames, ", "), " are expected");
  Predictions ordered = predictions;
  ordered.classNames = classNames;
  for (std::size_t i = 0; i < ordered.rows.size(); ++i)
  {
    const auto & from = predictions.rows[i];
    ordered.rows[i].truth = place[static_cast<std::size_t>(from.truth)];
    for (std::size_t c = 0; c < place.size(); ++c)
      ordered.rows[i].probabilities[static_cast<std::size_t>(place[c])] = from.probabilities[c];
  }
  return ordered;
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
