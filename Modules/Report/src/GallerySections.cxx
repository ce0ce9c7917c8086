#include "Sections.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

namespace serval
{
namespace
{

std::string Words(const ReportGallery::Cell & cell)
{
  std::string html;
  for (const auto & line : cell.lines)
  {
    const bool isAnswer = html.empty() && cell.mark != AnswerMark::None, isWrong = cell.mark == AnswerMark::Wrong;
    html += Concat(html.empty() ? "" : "<br>", !isAnswer ? "" : isWrong ? "<span class=\"wrong\">✗</span> " : "✓ ", EscapeXml(line));
  }
  return html;
}

/// What stands below a picture is read with it.
std::string OneCell(Page & page, const ReportGallery::Cell & cell, const std::string & heading)
{
  const auto alt = Concat("Patch: ", heading, heading.empty() ? "" : ", ", Join(cell.lines, ", "));
  return Concat("<figure>", heading.empty() ? "" : "<strong>" + EscapeXml(heading) + "</strong>", Image(cell.picture, alt, page.budget), "<figcaption>", Words(cell), "</figcaption></figure>\n");
}

std::string Rows(Page & page, const ReportGallery & gallery)
{
  std::string html;
  for (const auto & row : gallery.rows)
  {
    html += "<div class=\"cells\">\n";
    for (std::size_t i = 0; i < row.size(); ++i)
      html += OneCell(page, row[i], i < gallery.columns.size() ? gallery.columns[i] : std::string());
    html += "</div>\n";
  }
  return html;
}

} // namespace

std::string GallerySections(Page & page, const std::string & target)
{
  std::string errors, sideBySide, seen;
  for (const auto & gallery : page.input.galleries)
    if (gallery.target == target && gallery.kind == ReportGallery::Kind::SideBySide)
      sideBySide += "<h3>The same patches, arm by arm</h3>\n" + Paragraph(gallery.note + gallery.seen + " Maps are bright where changes would matter most to that arm's network.", "quiet") + Rows(page, gallery);
    else if (gallery.target == target)
    {
      errors += "<h4>" + EscapeXml(gallery.arm) + "</h4>\n" + Paragraph(gallery.note, "quiet") + Rows(page, gallery);
      seen = gallery.seen;
    }
  return (errors.empty() ? errors : "<h3>Errors of each arm</h3>\n" + Paragraph("Decision with its probability, the mean over the runs, and the truth. " + seen, "quiet") + errors) + sideBySide;
}

} // namespace serval
