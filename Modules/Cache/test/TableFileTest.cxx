#include "serval/Cache/NumberArray.h"
#include "serval/Cache/TableFile.h"
#include "serval/Core/Error.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

TEST(TableFile, NumbersStayNumbersAndTextsTexts)
{
  const support::TemporaryFolder folder;
  Table                          table({ "arm", "value", "empty" });
  table.AddRow({ "scratch", "0.25", "" });
  table.AddRow({ "tuned", "", "" });
  WriteTableFile(table, folder / "t.h5");
  const auto value = ReadHdf5Array(folder / "t.h5", "value");
  ASSERT_EQ(value.Count(), 2U);
  EXPECT_EQ(value.At(0), 0.25);
  EXPECT_TRUE(std::isnan(value.At(1)));
  const auto names = NamesOfHdf5Arrays(folder / "t.h5");
  EXPECT_NE(std::find(names.begin(), names.end(), "arm"), names.end());
  EXPECT_THROW(ReadHdf5Array(folder / "t.h5", "arm"), Error); // texts
}

} // namespace
} // namespace serval
