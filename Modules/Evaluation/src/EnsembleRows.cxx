#include "serval/Evaluation/Ensemble.h"

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

using Key = std::array<std::string, 5>;
constexpr std::array<const char *, 5> keyColumns{ "patient", "case", "unit_id", "fold", "repeat" };

std::string WordsOf(const Key & key)
{
  constexpr std::array<const char *, 5> words{ "patient ", "case ", "unit ", "fold ", "repeat " };
  std::vector<std::string>              parts;
  for (std::size_t i = 0; i < key.size(); ++i)
    if (!key[i].empty())
      parts.push_back(words[i] + key[i]);
  return Join(parts, ", ");
}

Key KeyOf(const Table & table, std::size_t row)
{
  Key key;
  for (std::size_t i = 0; i < key.size(); ++i)
    if (const auto column = table.Find(keyColumns[i]))
      key[i] = table.At(row, *column);
  return key;
}

// Rows without unit_id are numbered within their case, as Predictions does.
std::map<Key, std::size_t> RowsByKey(const Table & table)
{
  std::map<Key, std::size_t> rows;
  std::map<Key, int>         numbered;
  for (std::size_t row = 0; row < table.Rows(); ++row)
  {
    auto key = KeyOf(table, row);
    if (key[2].empty())
      key[2] = "#" + std::to_string(++numbered[key]);
    Require(rows.emplace(key, row).second, Fault::Input, table.Origin(), " holds ", WordsOf(key), " twice");
  }
  Require(!rows.empty(), Fault::Input, table.Origin(), " holds no prediction");
  return rows;
}

std::vector<std::string> Missing(const std::map<Key, std::size_t> & in, const std::map<Key, std::size_t> & of)
{
  std::vector<std::string> missing;
  for (const auto & [key, row] : of)
    if (!in.contains(key))
      missing.push_back(WordsOf(key));
  return missing;
}

void RequireSameUnits(const Table & a, const std::map<Key, std::size_t> & rowsA, const Table & b, const std::map<Key, std::size_t> & rowsB)
{
  const auto onlyA = Missing(rowsB, rowsA), onlyB = Missing(rowsA, rowsB);
  Require(onlyA.empty() && onlyB.empty(), Fault::Input, a.Origin(), " and ", b.Origin(), " do not hold the same units: ", onlyA.size(),
          " are only in the first", onlyA.empty() ? "" : " (" + ExamplesOf(onlyA) + ")", ", ", onlyB.size(), " only in the second",
          onlyB.empty() ? "" : " (" + ExamplesOf(onlyB) + ")", "; predict the same patches of the same cache with all models");
}

// `table` with its rows in the order of `order`'s rows.
Table InOrder(const Table & table, const std::map<Key, std::size_t> & rows, const std::map<Key, std::size_t> & order)
{
  auto ordered = table;
  for (const auto & [key, at] : order)
    for (std::size_t c = 0; c < table.Columns().size(); ++c)
      ordered.Set(at, c, table.At(rows.at(key), c));
  return ordered;
}

std::vector<std::string> ClassesOf(const Table & table)
{
  std::vector<std::string> names;
  for (const auto & column : table.Columns())
    if (column.starts_with("p_"))
      names.push_back(column.substr(2));
  Require(names.size() >= 2, Fault::Input, table.Origin(), " has ", names.size(), " columns p_<class>; two or more are expected");
  return names;
}

std::vector<double> ProbabilitiesOf(const Table & table, const std::vector<std::string> & classes)
{
  std::vector<double> all;
  for (std::size_t row = 0; row < table.Rows(); ++row)
  {
    double sum = 0;
    for (const auto & name : classes)
    {
      all.push_back(table.Number(row, "p_" + name));
      Require(all.back() >= 0 && all.back() <= 1, Fault::Input, table.Origin(), ", row ", row + 1, ": p_", name, " is ", all.back(), "; 0 to 1 is expected");
      sum += all.back();
    }
    Require(std::abs(sum - 1) <= 1e-3, Fault::Input, table.Origin(), ", row ", row + 1, ": the probabilities have the sum ", sum, "; 1 is expected");
  }
  return all;
}

int RankOfLineage(const std::string & word)
{
  constexpr std::array<const char *, 3> rising{ "clean", "transductive", "not checkable" };
  return static_cast<int>(std::find(rising.begin(), rising.end(), word) - rising.begin());
}

} // namespace

std::string ExamplesOf(const std::vector<std::string> & all)
{
  const auto shown = std::min<std::size_t>(all.size(), 3);
  return Join({ all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown) }, "; ") + (shown < all.size() ? "; ..." : "");
}

EnsembleRows::EnsembleRows(std::vector<Table> files)
  : m_Files(std::move(files))
{
  Require(m_Files.size() >= 2, Fault::Usage, "an ensemble needs the predictions of two models or more; ", m_Files.size(), " file is given");
  for (auto & table : m_Files)
  {
    for (const char * column : { "patient", "truth" })
      table.Column(column);
    m_Classes.push_back(ClassesOf(table));
    m_Probabilities.push_back(ProbabilitiesOf(table, m_Classes.back()));
  }
  const auto order = RowsByKey(m_Files.front());
  for (std::size_t m = 1; m < m_Files.size(); ++m)
  {
    const auto rows = RowsByKey(m_Files[m]);
    RequireSameUnits(m_Files.front(), order, m_Files[m], rows);
    m_Files[m] = InOrder(m_Files[m], rows, order);
    m_Probabilities[m] = ProbabilitiesOf(m_Files[m], m_Classes[m]);
  }
}

std::span<const double> EnsembleRows::Probabilities(std::size_t model, std::size_t row) const
{
  const auto classes = m_Classes[model].size();
  return { m_Probabilities[model].data() + row * classes, classes };
}

std::string EnsembleRows::Words(std::size_t row) const { return WordsOf(KeyOf(m_Files.front(), row)); }

std::vector<std::string> EnsembleRows::WordsOfAll(const std::string & column, std::size_t row) const
{
  std::vector<std::string> words;
  for (const auto & file : m_Files)
    if (const auto found = file.Find(column))
      words.push_back(file.At(row, *found));
  return words;
}

std::string EnsembleRows::Baseline(std::size_t row) const
{
  const auto            words = WordsOfAll("baseline", row);
  std::set<std::string> each(words.begin(), words.end());
  each.erase("");
  return Join({ each.begin(), each.end() }, ", ");
}

std::string EnsembleRows::Lineage(std::size_t row) const
{
  auto words = WordsOfAll("lineage", row);
  if (words.empty())
    return {};
  if (words.size() < m_Files.size())
    words.emplace_back("not checkable"); // a model of unknown lineage
  return *std::max_element(words.begin(), words.end(), [](const auto & a, const auto & b) { return RankOfLineage(a) < RankOfLineage(b); });
}

void EnsembleRows::AlignClasses()
{
  const auto & first = m_Classes.front();
  for (std::size_t m = 1; m < Models(); ++m)
  {
    Require(std::is_permutation(first.begin(), first.end(), m_Classes[m].begin(), m_Classes[m].end()), Fault::Input, m_Files[0].Origin(), " has the classes ",
            Join(first, ", "), ", ", m_Files[m].Origin(), " has ", Join(m_Classes[m], ", "), "; the same ones are expected");
    m_Classes[m] = first;
    m_Probabilities[m] = ProbabilitiesOf(m_Files[m], first);
    std::vector<std::string> differing;
    for (std::size_t row = 0; row < Rows(); ++row)
      if (Truth(m, row) != Truth(0, row))
        differing.push_back(Words(row) + ": " + Truth(0, row) + " and " + Truth(m, row));
    Require(differing.empty(), Fault::Input, m_Files[0].Origin(), " and ", m_Files[m].Origin(), " differ in the truth of ", differing.size(), " of ", Rows(), " units (",
            ExamplesOf(differing), "); predict the same cache with all models");
  }
}

} // namespace serval
