#include "ContactSheet.h"

#include "CasePicture.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace serval
{
namespace
{

constexpr const char * pageHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pseudo-segmentations of a cohort</title>
<style>
:root { color-scheme: light dark; --line: #8885; --bad: #c0392b; --ok: #2e7d32; }
body { font: 15px/1.4 system-ui, sans-serif; margin: 1.5rem auto; max-width: 100rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; } p { margin: .2rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
td, th { padding: .1rem .6rem .1rem 0; text-align: left; font-weight: normal; } td.n { text-align: right; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(25rem, 1fr)); gap: 1rem; margin-top: 1rem; }
article { border: 1px solid var(--line); border-left: .35rem solid var(--ok); border-radius: .3rem; padding: .6rem .8rem; }
article.bad { border-left-color: var(--bad); }
article h2 { font-size: 1rem; margin: 0 0 .4rem; overflow-wrap: anywhere; } h2 b { float: right; color: var(--ok); }
.bad h2 b, .bad .reason { color: var(--bad); }
.reason { overflow-wrap: anywhere; }
img { background: #000; width: 100%; height: 12rem; object-fit: contain; border-radius: .2rem; }
i { display: inline-block; width: .8em; height: .8em; border: 1px solid var(--line); margin-right: .4em; vertical-align: -.05em; }
</style></head><body>
)";

std::string Base64(const std::string & bytes)
{
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string                text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3)
  {
    const auto byte = [&](std::size_t at) { return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U; };
    const unsigned three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    for (unsigned part = 0; part < 4; ++part)
      text += i + part > bytes.size() ? '=' : letters[three >> (18 - 6 * part) & 63];
  }
  return text;
}

std::string ColourText(std::uint16_t label)
{
  const Colour c = LabelColour(label);
  return label == 0 ? "transparent" : Concat("rgb(", +c[0], ",", +c[1], ",", +c[2], ")");
}

// How near a case that is Ok stands to its limits.
double Nearness(const CohortCase & one, const CohortPlan & plan)
{
  return std::max(one.deviation / plan.outlierLimit, one.summary.changed / plan.recipe.limits.unstableShare);
}

std::string LabelTable(const PseudoSummary & summary)
{
  std::string html = "<table>";
  for (const auto & label : summary.classes)
    html += Concat("<tr><td><i style=\"background:", ColourText(label.value), "\"></i>", label.value, ' ', EscapeXml(label.name),
                   "</td><td class=\"n\">", FormatFixed(label.milliliters, 2), " ml</td></tr>\n");
  return html + "</table>\n";
}

std::string Card(const CohortCase & one, const CohortPlan & plan)
{
  const PseudoSummary & summary = one.summary;
  const bool            isOk = summary.verdict == Verdict::Ok;
  std::string html = Concat("<article", isOk ? "" : " class=\"bad\"", "><h2><b>", ToText(summary.verdict),
                            !isOk && IsUsed(one, plan) ? ", used" : "", "</b>", EscapeXml(one.id), "</h2>\n");
  if (!one.picture.empty())
    html += "<img alt=\"axial, coronal and sagittal slice with labels\" src=\"data:image/png;base64," + Base64(one.picture) + "\">\n";
  if (!summary.reason.empty())
    html += "<p class=\"reason\">" + EscapeXml(summary.reason) + "</p>\n";
  if (summary.verdict == Verdict::Failed)
    return html + "</article>\n";
  std::vector<std::string> thresholds;
  for (const double threshold : summary.thresholds)
    thresholds.push_back(FormatFixed(threshold, 1));
  html += LabelTable(summary);
  return html + Concat("<p>thresholds ", Join(thresholds, ", "), "; ", FormatFixed(100 * summary.changed, 1),
                       " % of the voxels change under jitter; deviation ", FormatFixed(one.deviation, 1), "</p></article>\n");
}

std::string Counts(const std::vector<CohortCase> & cases)
{
  std::map<Verdict, std::size_t> counts;
  for (const auto & one : cases)
    ++counts[one.summary.verdict];
  std::vector<std::string> texts;
  for (const auto & [verdict, count] : counts)
    texts.push_back(Concat(count, ' ', ToText(verdict)));
  return Join(texts, ", ");
}

} // namespace

std::vector<std::size_t> WorstFirst(const std::vector<CohortCase> & cases, const CohortPlan & plan)
{
  std::vector<std::size_t> order(cases.size());
  std::iota(order.begin(), order.end(), std::size_t{ 0 });
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Verdict first = cases[a].summary.verdict, second = cases[b].summary.verdict;
    return first != second ? first > second : Nearness(cases[a], plan) > Nearness(cases[b], plan);
  });
  return order;
}

std::string ContactSheet(const std::vector<CohortCase> & cases, const CohortPlan & plan)
{
  const GateLimits & limits = plan.recipe.limits;
  std::string        html = pageHead;
  html += Concat("<h1>Pseudo-segmentations of ", cases.size(), " cases</h1>\n<p>", Counts(cases),
                 ". Worst first. Axial, coronal and sagittal slice through the foreground's centre; the patient's right is "
                 "left, anterior is left in the sagittal slice.</p>\n<p>Limits: a label below ",
                 FormatNumber(100 * limits.emptyShare), " % is empty, a background below ", FormatNumber(100 * limits.fullShare),
                 " % is full, more than ", FormatNumber(100 * limits.unstableShare),
                 " % changed by thresholds that shift by ", FormatNumber(100 * limits.jitter),
                 " % of the intensity range is unstable, more than ", FormatNumber(plan.outlierLimit),
                 " robust deviations from the cohort is an outlier.",
                 plan.acceptGate ? " Refused label maps are used all the same." : " Refused label maps are not used.",
                 "</p>\n<main>\n");
  for (const std::size_t at : WorstFirst(cases, plan))
    html += Card(cases[at], plan);
  return html + "</main></body></html>\n";
}

} // namespace serval
