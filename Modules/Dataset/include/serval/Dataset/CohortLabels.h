#pragma once

#include "serval/Core/Table.h"

#include <string>
#include <vector>

namespace serval
{

/// Names of the columns of a hospital's spreadsheet, found whatever their letter case; empty: not there.
struct LabelColumns
{
  std::string              id, className = "class", site, patient;
  std::vector<std::string> kept; ///< carried into the manifest as x_NAME
};

/// One row of the spreadsheet. `id` and `patient` are identifying.
struct CohortLabel
{
  std::size_t              row = 0; ///< as a spreadsheet program counts, the header being row 1
  std::string              id, className, site, patient;
  std::vector<std::string> kept;
  std::string              excluded; ///< why this row cannot be used; empty when it can
};

/// The labels of a spreadsheet. Spellings of a class that differ by letter case, blanks, hyphens and underscores are
/// refused with their counts, or with `mergesClasses` become the most frequent one. A row without id or class, and one
/// that repeats an earlier row, is marked as excluded. Fault::Input: a missing column, an id with two classes, a class
/// column that rather holds names or numbers (over 20 classes, and more than half as many as rows).
std::vector<CohortLabel> ReadCohortLabels(const Table & spreadsheet, const LabelColumns & columns, bool mergesClasses);

} // namespace serval
