#include "Sections.h"
#include "Style.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

constexpr std::size_t mostBytes = 20'000'000;
constexpr std::size_t keptForWords = 1'000'000; ///< text and tables as they are shown

/// Nothing may be loaded from elsewhere; the viewer decodes its volumes from the page's own data.
std::string ContentPolicy(bool hasViewer)
{
  return Concat("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:", hasViewer ? " blob:; connect-src data: blob:; worker-src blob: data:; font-src data:" : "",
                "; style-src 'unsafe-inline'; script-src 'unsafe-inline'", hasViewer ? " blob: 'wasm-unsafe-eval'" : "", "\">");
}

std::string Head(const StudyFile & study, bool hasViewer)
{
  return "<head><meta charset=\"utf-8\">" + ContentPolicy(hasViewer) +
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\n<title>" + EscapeXml(study.title) + "</title>\n<style>" + styleSheet +
         "</style></head>\n";
}

} // namespace

std::string ShortPseudonym(const ReportInput & input, const std::string & patient)
{
  Require(input.pseudonymOf != nullptr, Fault::Internal, "a report needs pseudonyms");
  return input.pseudonymOf(patient).substr(0, 16);
}

std::string PlotsOf(Page & page, ReportPlot::Part part)
{
  std::string html;
  for (const auto & plot : page.plots)
  {
    if (plot.part != part)
      continue;
    if (plot.light.empty())
    {
      html += Paragraph(plot.caption, "quiet");
      continue;
    }
    const auto light = Base64(plot.light), dark = Base64(plot.dark);
    if (page.budget.Take(light.size() + dark.size(), "a picture: " + plot.caption))
      html += Figure(Concat("<picture><source media=\"(prefers-color-scheme: dark)\" srcset=\"data:image/svg+xml;base64,", dark, "\"><img alt=\"", EscapeXml(plot.caption),
                            "\" src=\"data:image/svg+xml;base64,", light, "\"></picture>"),
                     plot.caption);
  }
  return html;
}

std::vector<const CaseResult *> ConfidentErrorsFirst(const StudyResults & results, const std::string & target, const std::string & arm)
{
  std::vector<const CaseResult *> cases;
  for (const auto & one : results.cases)
    if (one.target == target && one.arm == arm)
      cases.push_back(&one);
  // The more certain an error, the earlier; the more certain a right answer, the later.
  const auto order = [](const CaseResult * one) {
    const double certainty = one->probabilities.empty() ? 0 : *std::max_element(one->probabilities.begin(), one->probabilities.end());
    return one->decision == one->truth ? certainty : -1 - certainty;
  };
  std::stable_sort(cases.begin(), cases.end(), [&](const CaseResult * a, const CaseResult * b) { return order(a) < order(b); });
  return cases;
}

std::string MakeReport(const ReportInput & input, const std::vector<ReportPlot> & plots)
{
  Page        page{ input, plots, { mostBytes - keptForWords } };
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n" + Head(input.study, !input.volumes.empty() && !input.viewer.empty()) + "<body>\n<main>\n";
  for (const auto & section : { OpeningSections, ResultSections, CaseSections, VolumeSection, ClosingSections }) // the last names what had no room
    html += section(page);
  html += "</main>\n<script>" + std::string(tableScript) + "</script>\n</body>\n</html>\n";
  Require(html.size() <= mostBytes, Fault::Input, "the report of '", input.study.title, "' has ", html.size() / 1'000'000, " MB; at most 20 are allowed. Show fewer arms or sizes in one study");
  return html;
}

} // namespace serval
