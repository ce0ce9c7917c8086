#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/CohortMatching.h"
#include "serval/Dataset/Spreadsheet.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace serval
{
namespace
{

std::size_t PatientsIn(const std::vector<CohortCase> & cases)
{
  std::set<std::string> patients;
  for (const auto & one : cases)
    patients.insert(one.patient);
  return patients.size();
}

std::string CountsOf(const std::vector<Outcome> & outcomes, bool isJson)
{
  std::vector<std::string> counts;
  for (const std::string status : { "used", "excluded", "unmatched", "undecided" })
  {
    const auto count = std::count_if(outcomes.begin(), outcomes.end(), [&](const Outcome & o) { return o.status == status; });
    counts.push_back(isJson ? Concat('"', status, "\":", count) : Concat(count, ' ', status));
  }
  return isJson ? "{" + Join(counts, ",") + "}" : Join(counts, ", ");
}

} // namespace

Choices ReadChoices(const std::filesystem::path & file)
{
  const Table                 table = ReadSpreadsheet(file);
  const std::set<std::string> yes{ "yes", "y", "x", "1", "true", "ja" }, no{ "no", "n", "0", "false", "nein" };
  Choices                     choices;
  for (std::size_t row = 0; row < table.Rows(); ++row)
  {
    std::string use = table.At(row, "use");
    std::transform(use.begin(), use.end(), use.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    Require(use.empty() || yes.contains(use) || no.contains(use), Fault::Input, "the choices, row ", row + 2,
            ": the column use holds neither yes nor no");
    if (!use.empty())
      choices[{ table.At(row, "case"), table.At(row, "series") }] = yes.contains(use);
  }
  return choices;
}

void Cohort::LeaveOut(std::size_t caseIndex, const std::string & reason)
{
  const CohortCase one = cases.at(caseIndex);
  seriesOutcomes[one.series] = { "excluded", one.id, reason };
  cases.erase(cases.begin() + static_cast<std::ptrdiff_t>(caseIndex));
  auto &                   label = labelOutcomes[one.label];
  std::vector<std::string> left;
  for (const auto & other : cases)
    if (other.label == one.label)
      left.push_back(other.id);
  label.reason += (label.reason.empty() ? "" : "; ") + one.id + ": " + reason;
  label.status = left.empty() ? "excluded" : "used";
  label.cases = left.empty() ? one.id : Join(left, " ");
}

Table Cohort::Report() const
{
  Table table({ "kind", "id", "case", "status", "reason", "warnings" });
  for (std::size_t i = 0; i < series.size(); ++i)
    table.AddRow({ "series", series[i].series, seriesOutcomes[i].cases, seriesOutcomes[i].status, seriesOutcomes[i].reason, series[i].warnings });
  for (std::size_t i = 0; i < labels.size(); ++i)
    table.AddRow({ "label", Concat("row-", labels[i].row), labelOutcomes[i].cases, labelOutcomes[i].status, labelOutcomes[i].reason, "" });
  return table;
}

Table Cohort::ManifestTable(const LabelColumns & columns, const std::string & extension) const
{
  const bool hasTimes = std::any_of(cases.begin(), cases.end(), [](const CohortCase & c) { return !c.timePoint.empty(); });
  const bool hasSegmentations = std::any_of(cases.begin(), cases.end(), [](const CohortCase & c) { return !c.segmentation.empty(); });
  const bool hasClasses = std::any_of(labels.begin(), labels.end(), [](const CohortLabel & l) { return !l.className.empty(); });
  std::vector<std::string> names{ "case", "patient", "image" };
  if (hasSegmentations)
    names.push_back("segmentation");
  if (hasClasses)
    names.push_back("class");
  if (!columns.site.empty())
    names.push_back("site");
  if (hasTimes)
    names.push_back("time_point");
  for (const auto & name : columns.kept)
    names.push_back("x_" + name);
  Table table(names);
  for (const auto & one : cases)
  {
    const auto &             label = labels[one.label];
    std::vector<std::string> row{ one.id, one.patient, "images/" + one.id + extension };
    if (hasSegmentations)
      row.push_back(one.segmentation);
    if (hasClasses)
      row.push_back(label.className);
    if (!columns.site.empty())
      row.push_back(label.site);
    if (hasTimes)
      row.push_back(one.timePoint);
    row.insert(row.end(), label.kept.begin(), label.kept.end());
    table.AddRow(std::move(row));
  }
  return table;
}

Table Cohort::Links() const
{
  Table table({ "case", "patient", "PatientID", "StudyUID", "SeriesUID", "AccessionNumber", "id", "row" });
  for (const auto & one : cases)
  {
    const auto & s = series[one.series];
    table.AddRow({ one.id, one.patient, s.patientId, s.studyUid, s.seriesUid, s.accessionNumber, labels[one.label].id,
                   std::to_string(labels[one.label].row) });
  }
  return table;
}

std::string Cohort::Summary() const
{
  return Concat(Counted(cases.size(), "case"), " of ", Counted(PatientsIn(cases), "patient"), "; series: ", CountsOf(seriesOutcomes, false),
                "; rows of the spreadsheet: ", CountsOf(labelOutcomes, false));
}

std::string Cohort::Numbers() const
{
  return Concat("{\"schema\":\"serval-import/1\",\"cases\":", cases.size(), ",\"patients\":", PatientsIn(cases), ",\"series\":",
                CountsOf(seriesOutcomes, true), ",\"labels\":", CountsOf(labelOutcomes, true), "}");
}

} // namespace serval
