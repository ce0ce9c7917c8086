#include "Html.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

/// A column of targets is shown where there are several; it is saved always.
bool IsShown(const Table & table, std::size_t column)
{
  if (column > 0 || table.Columns()[0] != "Target")
    return true;
  for (std::size_t row = 1; row < table.Rows(); ++row)
    if (table.At(row, std::size_t(0)) != table.At(0, std::size_t(0)))
      return true;
  return false;
}

std::string Head(const HtmlTable & table)
{
  std::string html = "<thead><tr>";
  for (std::size_t column = 0; column < table.shown.Columns().size(); ++column)
    if (IsShown(table.shown, column))
      html += Concat("<th scope=\"col\"", table.numbers.contains(column) ? " class=\"number\"" : "", "><button type=\"button\">", EscapeXml(table.shown.Columns()[column]), "</button></th>");
  return html + "</tr></thead>\n";
}

std::string Row(const HtmlTable & table, std::size_t row, std::size_t first)
{
  std::string html = "<tr>";
  for (std::size_t column = first; column < table.shown.Columns().size(); ++column)
  {
    const auto & cell = table.shown.At(row, column);
    html += (table.numbers.contains(column) ? "<td class=\"number\">" : "<td>") + (table.markup.contains(column) ? cell : EscapeXml(cell)) + "</td>";
  }
  return html + "</tr>\n";
}

std::string DownloadLink(const HtmlTable & table, PageBudget & budget)
{
  const auto data = Base64((table.download ? *table.download : table.shown).ToText());
  if (!budget.Take(data.size(), table.name + " as a download"))
    return {};
  return Concat("<a class=\"download\" download=\"", EscapeXml(table.name), "\" href=\"data:text/csv;charset=utf-8;base64,", data, "\">Save as CSV<span class=\"hidden\">: ", EscapeXml(table.caption), "</span></a>\n");
}

} // namespace

bool PageBudget::Take(std::size_t bytes, const std::string & name)
{
  if (bytes > left)
  {
    leftOut.push_back(name);
    return false;
  }
  left -= bytes;
  return true;
}

std::string Base64(const std::string & bytes)
{
  std::string text(4 * ((bytes.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text.data()), reinterpret_cast<const unsigned char *>(bytes.data()), static_cast<int>(bytes.size()));
  return text;
}

std::string Paragraph(const std::string & text, const std::string & className)
{
  return (className.empty() ? "<p>" : "<p class=\"" + className + "\">") + EscapeXml(text) + "</p>\n";
}

std::string Heading(const std::string & id, const std::string & text) { return "<h2 id=\"" + id + "\">" + EscapeXml(text) + "</h2>\n"; }

std::string ToHtml(const HtmlTable & table, PageBudget & budget)
{
  std::string html = "<div class=\"table\">\n";
  if (table.isFiltered)
    html += "<label class=\"filter\">Show rows with <input type=\"search\" placeholder=\"class, pseudonym, wrong …\"></label>\n";
  html += "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + EscapeXml(table.caption) + "\"><table>\n<caption>" + EscapeXml(table.caption) + "</caption>\n" + Head(table) + "<tbody>\n";
  for (std::size_t row = 0; row < table.shown.Rows(); ++row)
    html += Row(table, row, IsShown(table.shown, 0) ? 0 : 1);
  return html + "</tbody></table></div>\n" + DownloadLink(table, budget) + "</div>\n";
}

std::string Image(const std::filesystem::path & file, const std::string & alt, PageBudget & budget)
{
  if (file.empty() || !std::filesystem::exists(file))
    return {};
  const auto data = Base64(ReadTextFile(file));
  if (!budget.Take(data.size(), "a picture: " + alt))
    return {};
  return Concat("<img alt=\"", EscapeXml(alt), "\" src=\"data:image/png;base64,", data, "\">");
}

std::string Figure(const std::string & image, const std::string & caption)
{
  return image.empty() ? image : "<figure>" + image + "<figcaption>" + EscapeXml(caption) + "</figcaption></figure>\n";
}

std::string List(const std::vector<std::string> & items)
{
  std::string html;
  for (const auto & item : items)
    html += "<li>" + EscapeXml(item) + "</li>\n";
  return html.empty() ? html : "<ul>\n" + html + "</ul>\n";
}

std::string Fixed(double value, int digits) { return std::isfinite(value) ? FormatFixed(value, digits) : "–"; }

std::string WithInterval(const Interval & i)
{
  if (!std::isfinite(i.value))
    return "–";
  if (!std::isfinite(i.low) || !std::isfinite(i.high))
    return FormatFixed(i.value, 3) + " [no interval]";
  return FormatFixed(i.value, 3) + " [" + FormatFixed(i.low, 3) + ", " + FormatFixed(i.high, 3) + "]";
}

std::string PInWords(double p) { return !std::isfinite(p) ? "–" : p < 0.001 ? "< 0.001" : FormatFixed(p, 3); }

std::string TimeInWords(double seconds)
{
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 10)
    return FormatFixed(seconds, 1) + " s";
  return whole >= 3600 ? Concat(whole / 3600, " h ", whole % 3600 / 60, " min") : whole >= 120 ? Concat(whole / 60, " min ", whole % 60, " s") : Concat(whole, " s");
}

} // namespace serval
