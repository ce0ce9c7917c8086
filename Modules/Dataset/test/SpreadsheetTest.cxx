#include "serval/Dataset/Spreadsheet.h"

#include "Support.h"
#include "serval/Core/Error.h"

#include <gtest/gtest.h>

namespace serval
{
namespace
{

const std::string data = std::string(SERVAL_SOURCE_DIRECTORY) + "/Modules/Dataset/test/data/";

class Spreadsheet : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  Table Read(const std::string & bytes) const
  {
    support::WriteFile(folder / "t.csv", bytes);
    return ReadSpreadsheet(folder / "t.csv");
  }
  std::string Refusal(const std::string & bytes) const
  {
    try
    {
      Read(bytes);
    }
    catch (const Error & e)
    {
      EXPECT_EQ(e.Kind(), Fault::Input);
      EXPECT_EQ(std::string(e.what()).find("Muster"), std::string::npos) << e.what();
      EXPECT_EQ(std::string(e.what()).find("t.csv"), std::string::npos) << e.what();
      return e.what();
    }
    return "nothing was refused";
  }
};

std::string Utf16(const std::u16string & text, bool isBigEndian)
{
  std::string bytes;
  for (const char16_t unit : text)
  {
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
    bytes += isBigEndian ? high : low;
    bytes += isBigEndian ? low : high;
  }
  return bytes;
}

void ExpectPatients(const Table & table)
{
  ASSERT_EQ(table.Columns(), (std::vector<std::string>{ "PatientID", "class", "größe" }));
  ASSERT_EQ(table.Rows(), 2U);
  EXPECT_EQ(table.At(0, 0), "007");
  EXPECT_EQ(table.At(0, 1), "benign, small");
  EXPECT_EQ(table.At(1, 0), "08");
  EXPECT_EQ(table.At(1, 1), "malignant");
}

TEST_F(Spreadsheet, EverySeparatorAndLineEndingGivesTheSameCells)
{
  for (const std::string separator : { ",", ";", "\t" })
    for (const std::string end : { "\n", "\r\n", "\r" })
    {
      const auto s = separator + " ";
      const auto table = Read("PatientID" + separator + "class" + separator + "größe" + separator + separator + end + "007" + separator +
                              "\"benign, small\"" + separator + "1" + separator + end + " 08 " + s + "malignant \xC2\xA0" + end +
                              separator + separator + end + end);
      ExpectPatients(table);
      EXPECT_EQ(table.At(0, 2), "1");
      EXPECT_EQ(table.At(1, 2), "") << "a short row is filled";
    }
}

TEST_F(Spreadsheet, EveryEncodingGivesTheSameText)
{
  const std::u16string text = u"PatientID;class;größe\r\n007;benign, small;1,5\r\n08;malignant;12\r\n";
  const std::string    latin = "PatientID;class;gr\xF6\xDF" "e\n007;benign, small;1,5\n08;malignant;12\n";
  for (const auto & bytes : { latin, Utf16(u"\uFEFF" + text, false), Utf16(u"\uFEFF" + text, true), Utf16(text, false), Utf16(text, true),
                              std::string("\xEF\xBB\xBFPatientID;class;größe\n007;benign, small;1,5\n08;malignant;12\n") })
  {
    const auto table = Read(bytes);
    ExpectPatients(table);
    EXPECT_EQ(table.At(0, 2), "1.5") << "decimal comma";
    EXPECT_EQ(table.At(1, 2), "12");
  }
  EXPECT_EQ(Read("a;b\n1;\x80 5\n").At(0, 1), "\xE2\x82\xAC 5") << "the euro sign of Windows-1252";
}

TEST_F(Spreadsheet, OnlyColumnsOfNumbersLoseTheirCommas)
{
  const auto table = Read("a;b;c\n1,5;1,5;-0,25\n2;1,5,6;\n");
  EXPECT_EQ(table.At(0, 0), "1.5");
  EXPECT_EQ(table.At(0, 1), "1,5");
  EXPECT_EQ(table.At(0, 2), "-0.25");
  EXPECT_EQ(Read("a,b\n\"1,234\",x\n").At(0, 0), "1,234") << "may be a thousand";
}

TEST_F(Spreadsheet, ExcelsOwnSeparatorLineIsObeyed)
{
  const auto table = Read("sep=|\nid|class, final\n1|x\n");
  EXPECT_EQ(table.Columns(), (std::vector<std::string>{ "id", "class, final" }));
  EXPECT_EQ(table.At(0, 1), "x");
}

TEST_F(Spreadsheet, RefusalsNameTheLineAndNoPatient)
{
  EXPECT_NE(Refusal("id;class\n1;x\nMuster;y;z;\n").find("line 3: 3 cells; the header has 2"), std::string::npos);
  EXPECT_NE(Refusal("id;class\n1;\"Muster\n").find("line 2: a quote"), std::string::npos);
  EXPECT_NE(Refusal("Muster;class;Muster\n1;2;3\n").find("columns 1 and 3 have the same name"), std::string::npos);
  EXPECT_NE(Refusal("Muster;;x\n1;2;3\n").find("column 2 has no name"), std::string::npos);
  EXPECT_NE(Refusal("\xEF\xBB\xBF \n").find("is empty"), std::string::npos);
  EXPECT_NE(Refusal("PK\x03\x04 Muster").find("save it as CSV"), std::string::npos);
  EXPECT_NE(Refusal("\xD0\xCF\x11\xE0 Muster").find("old or encrypted workbook"), std::string::npos);
}

TEST_F(Spreadsheet, AnIncompleteWorkbookIsRefused)
{
  const std::string whole = support::ReadFile(data + "labels.xlsx");
  for (const std::size_t share : { 10, 30, 50, 70, 90, 99 })
    EXPECT_NE(Refusal(whole.substr(0, whole.size() * share / 100)).find("workbook"), std::string::npos) << share << " %";
}

TEST_F(Spreadsheet, WorkbooksGiveTheCellsOfTheirFirstSheet)
{
  for (const std::string name : { "labels.xlsx", "labels.ods" })
  {
    const auto table = ReadSpreadsheet(data + name);
    ASSERT_EQ(table.Columns(), (std::vector<std::string>{ "PatientID", "Klasse", "Größe", "doppelt" })) << name;
    ASSERT_EQ(table.Rows(), 3U) << name;
    EXPECT_EQ(table.At(0, 0), "007") << name << ": text keeps its zeros";
    EXPECT_EQ(table.At(1, 0), "12345678901") << name << ": a number has no decimals";
    EXPECT_EQ(table.At(0, 1), "gutartig") << name << ": blanks at the end are dropped";
    EXPECT_EQ(table.At(1, 2), "1.5") << name;
    EXPECT_EQ(table.At(1, 3), "3") << name << ": the result of a formula";
    EXPECT_EQ(table.At(2, 1), "bösartig") << name;
    EXPECT_EQ(table.At(2, 2), "") << name;
  }
}

// Written by pandas 3.1 and openpyxl 3.1: targets from the archive's root, strings within the cells.
TEST_F(Spreadsheet, WorkbooksOfPandasAreRead)
{
  const auto table = ReadSpreadsheet(data + "labels-pandas.xlsx");
  EXPECT_EQ(table.ToText(), "PatientID,Klasse,Größe\n007,gutartig,2\n12345678901,bösartig,1.5\n9,,\n");
}

// Written by hand: a chart before the first sheet, prefixes, strings in several pieces, cells without a reference.
TEST_F(Spreadsheet, WorkbooksOfAnyLawfulFormAreRead)
{
  const auto table = ReadSpreadsheet(data + "labels-runs.xlsx");
  EXPECT_EQ(table.ToText(), "patient,class & size\n12,benign\np1,TRUE\n");
}

} // namespace
} // namespace serval
