#include "serval/Cache/TableFile.h"

#include "Hdf5.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Text.h"

#include <limits>

namespace serval
{
namespace
{

/// The column's numbers; nothing when a cell is none.
std::vector<double> NumbersOf(const Table & table, std::size_t column)
{
  std::vector<double> numbers;
  bool                hasAny = false;
  for (std::size_t row = 0; row < table.Rows(); ++row)
  {
    const auto number = ParseDouble(table.At(row, column));
    if (!number && !table.At(row, column).empty())
      return {};
    hasAny = hasAny || number;
    numbers.push_back(number.value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  return hasAny ? numbers : std::vector<double>{};
}

} // namespace

void WriteTableFile(const Table & table, const std::filesystem::path & path)
{
  AtomicOutput output(path);
  {
    const hdf5::File file = hdf5::Create(output.Path());
    hdf5::WriteAttribute(file, "schema", "serval-table/1");
    hdf5::WriteAttribute(file, "columns", Join(table.Columns(), ","));
    for (std::size_t column = 0; column < table.Columns().size(); ++column)
    {
      const auto name = "/" + table.Columns()[column];
      if (const auto numbers = NumbersOf(table, column); !numbers.empty())
        hdf5::WriteVector(file, name, { table.Rows() }, numbers);
      else
      {
        std::vector<std::string> texts;
        for (std::size_t row = 0; row < table.Rows(); ++row)
          texts.push_back(table.At(row, column));
        hdf5::WriteTexts(file, name, texts);
      }
    }
  }
  output.Commit();
}

} // namespace serval
