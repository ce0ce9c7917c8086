#include "serval/Dataset/CohortLabels.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

namespace serval
{
namespace
{

std::string Lower(std::string text)
{
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// What spellings of one class have in common.
std::string Folded(const std::string & text)
{
  std::string folded = Lower(text);
  std::erase_if(folded, [](char c) { return c == ' ' || c == '-' || c == '_' || c == '\t'; });
  return folded;
}

// A header that is no header holds patients' names: the columns are counted, not listed.
std::optional<std::size_t> ColumnOf(const Table & table, const std::string & name, std::string_view option)
{
  if (name.empty())
    return std::nullopt;
  const auto & columns = table.Columns();
  const auto   found = std::find_if(columns.begin(), columns.end(), [&](const auto & c) { return Lower(c) == Lower(name); });
  Require(found != columns.end(), Fault::Input, "the spreadsheet has no column '", name, "' among its ", columns.size(),
          "; the first row must name the columns; choose one of them by ", option);
  return static_cast<std::size_t>(found - columns.begin());
}

using Spellings = std::map<std::string, std::map<std::string, int>>; // folded -> spelling -> rows

Spellings SpellingsOf(const std::vector<CohortLabel> & labels)
{
  Spellings spellings;
  for (const auto & label : labels)
    if (!label.className.empty())
      ++spellings[Folded(label.className)][label.className];
  return spellings;
}

void RequireClasses(const Spellings & spellings, std::size_t rows)
{
  Require(!spellings.empty(), Fault::Input, "no row of the spreadsheet names a class");
  Require(spellings.size() <= 20 || 2 * spellings.size() <= rows, Fault::Input, "the column of classes has ", spellings.size(),
          " different texts in ", rows, " rows; it is not one of classes; choose another by --labelColumn");
}

void UnifySpellings(std::vector<CohortLabel> & labels, const Spellings & spellings, bool merges)
{
  std::vector<std::string>           doubtful;
  std::map<std::string, std::string> chosen;
  for (const auto & [folded, counts] : spellings)
  {
    std::vector<std::string> listed;
    for (const auto & [spelling, count] : counts)
      listed.push_back(Concat("'", spelling, "' (", count, ")"));
    if (counts.size() > 1)
      doubtful.push_back(Join(listed, ", "));
    chosen[folded] =
      std::max_element(counts.begin(), counts.end(), [](auto & a, auto & b) { return a.second < b.second; })->first;
  }
  Require(merges || doubtful.empty(), Fault::Input, "the spreadsheet spells classes in several ways: ", Join(doubtful, "; "),
          "; correct it, or take the most frequent spelling of each by --mergeClasses");
  for (auto & label : labels)
    if (!label.className.empty())
      label.className = chosen.at(Folded(label.className));
}

void ExcludeUnusable(std::vector<CohortLabel> & labels)
{
  std::map<std::string, const CohortLabel *> first;
  for (auto & label : labels)
  {
    if (label.id.empty())
      label.excluded = "no id";
    else if (label.className.empty())
      label.excluded = "no class";
    else if (const auto [at, isNew] = first.emplace(label.id, &label); !isNew)
    {
      Require(at->second->className == label.className, Fault::Input, "rows ", at->second->row, " and ", label.row,
              " of the spreadsheet have one id and two classes; correct it, or join by --join StudyUID or AccessionNumber");
      label.excluded = Concat("repeats row ", at->second->row);
    }
  }
}

} // namespace

std::vector<CohortLabel> ReadCohortLabels(const Table & table, const LabelColumns & columns, bool mergesClasses)
{
  const auto id = ColumnOf(table, columns.id, "--idColumn"), className = ColumnOf(table, columns.className, "--labelColumn");
  const auto site = ColumnOf(table, columns.site, "--siteColumn"), patient = ColumnOf(table, columns.patient, "--patientColumn");
  Require(id && className, Fault::Usage, "the columns of ids and of classes must be named: --idColumn and --labelColumn");
  std::vector<CohortLabel> labels;
  for (std::size_t row = 0; row < table.Rows(); ++row)
  {
    const auto  text = [&](const auto & column) { return column ? table.At(row, *column) : std::string(); };
    CohortLabel label{ row + 2, text(id), text(className), text(site), text(patient), {}, {} };
    for (const auto & name : columns.kept)
      label.kept.push_back(text(ColumnOf(table, name, "--keepColumns")));
    labels.push_back(std::move(label));
  }
  Require(!labels.empty(), Fault::Input, "the spreadsheet has no row below its names of columns");
  const auto spellings = SpellingsOf(labels);
  RequireClasses(spellings, labels.size());
  UnifySpellings(labels, spellings, mergesClasses);
  ExcludeUnusable(labels);
  return labels;
}

} // namespace serval
