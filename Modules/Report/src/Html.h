#pragma once

#include "serval/Core/Table.h"
#include "serval/Evaluation/Intervals.h"

#include <cstddef>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace serval
{

/// Bytes that are still free on a page; what was left out is named.
struct PageBudget
{
  std::size_t              left;
  std::vector<std::string> leftOut = {};

  /// Whether this many bytes fit; takes them, or keeps the name of what does not.
  bool Take(std::size_t bytes, const std::string & name);
};

/// A table as it is shown, and as it is downloaded.
struct HtmlTable
{
  std::string           caption, name; ///< `name`: of the CSV file
  Table                 shown;
  const Table *         download = nullptr; ///< nothing: what is shown
  std::set<std::size_t> numbers = {};       ///< columns that are set flush right
  std::set<std::size_t> markup = {};        ///< columns whose cells are HTML already
  bool                  isFiltered = false; ///< with a field that hides rows
};

std::string Base64(const std::string & bytes);
std::string Paragraph(const std::string & text, const std::string & className = {});
std::string Heading(const std::string & id, const std::string & text);
/// The table with its heads as buttons that sort, and a link that saves it as CSV.
std::string ToHtml(const HtmlTable & table, PageBudget & budget);
/// An image of the page itself; nothing when it does not fit or is not there.
std::string Image(const std::filesystem::path & file, const std::string & alt, PageBudget & budget);
std::string Figure(const std::string & image, const std::string & caption);
std::string List(const std::vector<std::string> & items);

/// "0.700 [0.650, 0.750]", a dash for what is not known.
std::string WithInterval(const Interval & interval);
/// "0.012", "< 0.001", a dash.
std::string PInWords(double p);
/// "–" where it is not finite.
std::string Fixed(double value, int digits);
/// "2 h 14 min", "35 s"
std::string TimeInWords(double seconds);

} // namespace serval
