#include "serval/Dataset/Manifest.h"

#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <map>
#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

const std::vector<std::string> knownColumns{ "case",  "patient", "image", "segmentation", "pseudo_segmentation",
                                             "class", "site",    "split", "source",       "time_point" };
constexpr std::string_view     channelPrefix = "image_";

bool IsPathColumn(const std::string & column)
{
  return column == "image" || column == "segmentation" || column == "pseudo_segmentation" || column.starts_with(channelPrefix);
}

void CheckColumns(const Table & table)
{
  for (const auto & column : table.Columns())
  {
    const bool known = std::find(knownColumns.begin(), knownColumns.end(), column) != knownColumns.end();
    const auto near = NearestWord(column, knownColumns);
    Require(known || column.starts_with("x_") || (column.starts_with(channelPrefix) && column.size() > channelPrefix.size()), Fault::Input, table.Origin(), ": unknown column '", column, "'",
            near.empty() ? "" : "; did you mean '" + near + "'?", "; known are ", Join(knownColumns, ", "),
            ", further channels as image_NAME, and own columns that begin with x_");
  }
  table.Column("case");
  table.Column("image");
}

void CheckCases(const std::vector<Case> & cases, const std::string & origin)
{
  std::set<std::string>              ids;
  std::map<std::string, std::string> splitOf;
  std::vector<std::string>           problems;
  for (const auto & one : cases)
  {
    if (one.id.empty())
      problems.push_back("a case without a name");
    else if (!ids.insert(one.id).second)
      problems.push_back("case '" + one.id + "' stands twice");
    const auto [at, fresh] = splitOf.emplace(one.patient, one.split);
    if (!fresh && at->second != one.split)
      problems.push_back("patient '" + one.patient + "' stands in the splits '" + at->second + "' and '" + one.split + "'");
  }
  Require(!cases.empty(), Fault::Input, origin, " lists no case");
  Require(problems.empty(), Fault::Input, origin, ": ", Join(problems, "; "));
}

} // namespace

Manifest Manifest::Read(const fs::path & file)
{
  Manifest manifest;
  manifest.m_Table = Table::Read(file);
  manifest.m_Folder = fs::absolute(file).parent_path();
  const Table & table = manifest.m_Table;
  CheckColumns(table);
  manifest.m_HasPatients = table.Find("patient").has_value();
  for (std::size_t row = 0; row < table.Rows(); ++row)
  {
    const auto text = [&](std::string_view column) { return table.Find(column) ? table.At(row, column) : std::string(); };
    const auto path = [&](std::string_view column) {
      const auto value = text(column);
      return value.empty() ? fs::path() : (manifest.m_Folder / value).lexically_normal();
    };
    Case one{ text("case"),   text("patient"), text("class"),        text("site"),                text("split"),
              text("source"), path("image"),   path("segmentation"), path("pseudo_segmentation"), {},
              text("time_point") };
    for (const auto & column : table.Columns())
      if (column.starts_with(channelPrefix))
        one.furtherChannels.push_back(path(column));
    if (one.patient.empty())
      one.patient = one.id;
    manifest.m_Cases.push_back(std::move(one));
  }
  CheckCases(manifest.m_Cases, table.Origin());
  return manifest;
}

std::vector<std::string> Manifest::ClassNames() const
{
  std::set<std::string> names;
  for (const auto & one : m_Cases)
    if (!one.className.empty())
      names.insert(one.className);
  return { names.begin(), names.end() };
}

std::vector<std::string> Manifest::Patients() const
{
  std::set<std::string> patients;
  for (const auto & one : m_Cases)
    patients.insert(one.patient);
  return { patients.begin(), patients.end() };
}

std::vector<std::string> Manifest::ChannelNames() const
{
  std::vector<std::string> names{ "image" };
  for (const auto & column : m_Table.Columns())
    if (column.starts_with(channelPrefix))
      names.push_back(column.substr(channelPrefix.size()));
  return names;
}

void Manifest::WriteWith(const std::string & column, const std::vector<std::string> & values, const fs::path & file) const
{
  Require(values.size() == m_Cases.size(), Fault::Internal, "a column of ", values.size(), " for ", m_Cases.size(), " cases");
  Table          table = m_Table;
  const fs::path folder = fs::absolute(file).lexically_normal().parent_path();
  const auto     target = table.AddColumn(column);
  for (std::size_t row = 0; row < table.Rows(); ++row)
  {
    table.Set(row, target, values[row]);
    for (std::size_t at = 0; at < table.Columns().size(); ++at)
      if (IsPathColumn(table.Columns()[at]) && at != target && !table.At(row, at).empty())
        table.Set(row, at, (m_Folder / table.At(row, at)).lexically_normal().lexically_proximate(folder).string());
  }
  table.Write(file);
}

std::vector<Problem> Manifest::Check(const std::vector<std::string> & neededColumns) const
{
  std::vector<Problem> problems;
  for (const auto & column : neededColumns)
    m_Table.Column(column);
  for (std::size_t row = 0; row < m_Cases.size(); ++row)
  {
    for (const auto & column : neededColumns)
      if (m_Table.At(row, column).empty())
        problems.push_back({ m_Cases[row].id, "manifest", "the column '" + column + "' is empty" });
    std::vector<fs::path> named{ m_Cases[row].image, m_Cases[row].segmentation, m_Cases[row].pseudoSegmentation };
    named.insert(named.end(), m_Cases[row].furtherChannels.begin(), m_Cases[row].furtherChannels.end());
    for (const auto & path : named)
      if (!path.empty() && !fs::exists(path))
        problems.push_back({ m_Cases[row].id, "manifest", Shown(path) + " does not exist" });
  }
  return problems;
}

void RequireNoProblems(const std::vector<Problem> & problems, const std::string & what)
{
  constexpr std::size_t shown = 20;
  std::string           text;
  for (std::size_t i = 0; i < std::min(shown, problems.size()); ++i)
    text += "\n  case " + problems[i].caseId + " (" + problems[i].step + "): " + problems[i].reason;
  if (problems.size() > shown)
    text += Concat("\n  and ", problems.size() - shown, " more");
  Require(problems.empty(), Fault::Input, what, ": ", problems.size(), " problem(s); --onError skip goes on without these cases",
          text);
}

void WriteExcluded(const std::vector<Problem> & problems, const fs::path & file)
{
  Table table({ "case", "step", "reason" });
  for (const auto & problem : problems)
    table.AddRow({ problem.caseId, problem.step, problem.reason });
  table.Write(file);
}

} // namespace serval
