#include "serval/Report/Report.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Provenance.h"
#include "serval/Core/Text.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

constexpr const char * styleSheet = R"(
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.8rem; margin-bottom: .2rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid #d0d7de; padding-bottom: .2rem; }
.question { font-size: 1.2rem; } .note { background: #fff8c5; border: 1px solid #d4a72c; border-radius: 6px; padding: .6rem 1rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; margin: 1rem 0; }
th, td { border-bottom: 1px solid #d0d7de; padding: .35rem .8rem; text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
img { max-width: 100%; height: auto; } figure { margin: 1.5rem 0; } figcaption { color: #57606a; } .failed { color: #b42318; }
)";

std::string Base64(const std::string & bytes)
{
  std::string text(4 * ((bytes.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char *>(text.data()), reinterpret_cast<const unsigned char *>(bytes.data()), static_cast<int>(bytes.size()));
  return text;
}

std::string Cell(const std::string & text, bool number = false) { return (number ? "<td class=\"number\">" : "<td>") + EscapeXml(text) + "</td>"; }

std::string Row(const std::vector<std::string> & texts, const char * element)
{
  std::string row = "<tr>";
  for (const auto & text : texts)
    row += Concat('<', element, '>', EscapeXml(text), "</", element, '>');
  return row + "</tr>\n";
}

std::string WithInterval(const Interval & i)
{
  if (!std::isfinite(i.value))
    return "–";
  return FormatFixed(i.value, 3) + " [" + FormatFixed(i.low, 3) + ", " + FormatFixed(i.high, 3) + "]";
}

std::string Opening(const StudyFile & study)
{
  std::string html = "<h1>" + EscapeXml(study.title) + "</h1>\n";
  if (!study.question.empty())
    html += "<p class=\"question\">" + EscapeXml(study.question) + "</p>\n";
  if (!study.note.empty())
    html += "<p class=\"note\">" + EscapeXml(study.note) + "</p>\n";
  return html;
}

std::string Design(const StudyFile & study, const StudyResults & results)
{
  std::string html = "<h2>Design</h2>\n<p>" + EscapeXml(results.design) + "</p>\n<div class=\"scroll\"><table>\n" + Row({ "Arm", "What it is" }, "th");
  for (const auto & arm : study.arms)
    html += Row({ arm.name, arm.text }, "td");
  return html + "</table></div>\n";
}

std::string Scores(const StudyResults & results)
{
  std::vector<std::string> heads{ "Target", "Training patients", "Arm" };
  if (results.arms.empty())
    return {};
  for (const auto & [word, interval] : results.arms.front().scores)
    heads.push_back(word);
  heads.insert(heads.end(), { "SD", "Test patients", "Runs", "Known" });
  std::string html = "<h2>Results</h2>\n<div class=\"scroll\"><table>\n" + Row(heads, "th");
  for (const auto & arm : results.arms)
  {
    html += "<tr>" + Cell(arm.target) + Cell(std::to_string(arm.trainPatients), true) + Cell(arm.arm);
    for (const auto & [word, interval] : arm.scores)
      html += Cell(WithInterval(interval), true);
    html += Cell(std::isfinite(arm.spread) ? FormatFixed(arm.spread, 3) : "–", true) + Cell(std::to_string(arm.testPatients), true) +
            Cell(Concat(arm.runs, arm.missingRuns ? Concat(" (", arm.missingRuns, " missing)") : ""), true) + Cell(arm.lineage) + "</tr>\n";
  }
  for (const auto & [arm, reason] : results.notRun)
    html += "<tr><td></td><td></td>" + Cell(arm) + "<td colspan=\"6\">not run: " + EscapeXml(reason) + "</td></tr>\n";
  return html + "</table></div>\n";
}

std::string Tests(const StudyFile & study, const StudyResults & results)
{
  if (results.tests.empty())
    return {};
  std::string html = "<h2>Comparisons</h2>\n<div class=\"scroll\"><table>\n" + Row({ "Training patients", "Arm", "against", "Difference", "p", "p corrected", "In words" }, "th");
  for (const auto & test : results.tests)
  {
    const auto & t = test.test;
    html += "<tr>" + Cell(std::to_string(test.size), true) + Cell(t.a) + Cell(t.b) + Cell(WithInterval({ t.difference, t.low, t.high }), true) + Cell(FormatFixed(t.p, 4), true) +
            Cell(FormatFixed(t.pCorrected, 4), true) + Cell(InWords(test, study)) + "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string Pictures(const std::string & title, const std::vector<ReportPicture> & pictures)
{
  std::string html;
  for (const auto & picture : pictures)
    if (std::filesystem::exists(picture.file))
      html += "<figure><img alt=\"" + EscapeXml(picture.caption) + "\" src=\"data:image/png;base64," + Base64(ReadTextFile(picture.file)) +
              "\"><figcaption>" + EscapeXml(picture.caption) + "</figcaption></figure>\n";
  return html.empty() ? html : "<h2>" + title + "</h2>\n" + html;
}

std::string Cells(const std::map<std::string, CellOutcome> & cells)
{
  double      seconds = 0;
  int         done = 0;
  std::string failed;
  for (const auto & [id, outcome] : cells)
  {
    seconds += outcome.seconds;
    done += outcome.state == CellState::Done;
    if (outcome.state == CellState::Failed)
      failed += "<li class=\"failed\">" + EscapeXml(id + ": " + outcome.reason) + "</li>\n";
  }
  std::string html = Concat("<h2>Runs</h2>\n<p>", done, " of ", cells.size(), " cells are done, ", FormatFixed(seconds, 0), " s of work. Serval ", Version(), ".</p>\n");
  return failed.empty() ? html : html + "<ul>\n" + failed + "</ul>\n";
}

} // namespace

std::string MakeReport(const StudyFile & study, const StudyResults & results, const std::map<std::string, CellOutcome> & cells,
                       const std::vector<ReportPicture> & plots, const std::vector<ReportPicture> & pictures)
{
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>" +
         EscapeXml(study.title) + "</title><style>" + styleSheet + "</style></head>\n<body>\n" + Opening(study) + "<p>" + EscapeXml(results.Verdict(study)) + "</p>\n" + Scores(results) + Tests(study, results) +
         Pictures("Curves", plots) + Pictures("Pictures", pictures) + Design(study, results) + Cells(cells) + "</body>\n</html>\n";
}

} // namespace serval
