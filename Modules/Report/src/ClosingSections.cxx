#include "Sections.h"

#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Provenance.h"
#include "serval/Core/Text.h"

#include <algorithm>

namespace serval
{
namespace
{

std::string Advice(CellState state)
{
  switch (state)
  {
    case CellState::Failed: return "cells/NAME/log.txt in the study folder holds all that was said; mend the cause and run the study again: what is done is kept";
    case CellState::NotRun: return "provide what is missing and run the study again";
    default: return "run the study again; it goes on where it was";
  }
}

std::string NotRun(Page & page)
{
  std::map<CellState, int> counts;
  HtmlTable table{ "Cells without a result", "not-run.csv", Table({ "Cell", "State", "Reason", "What to do" }) };
  for (const auto & [id, outcome] : page.input.cells)
  {
    ++counts[outcome.state];
    const bool isFailed = outcome.state == CellState::Failed || (outcome.state == CellState::Open && !outcome.reason.empty());
    if (outcome.state != CellState::Done)
      table.shown.AddRow({ id, isFailed ? "failed" : outcome.state == CellState::NotRun ? "cannot be run here" : "not run yet", outcome.reason.empty() ? "–" : outcome.reason,
                           Advice(isFailed ? CellState::Failed : outcome.state) });
  }
  std::string html = Heading("cells", "What ran and what did not") + Paragraph(Concat(counts[CellState::Done], " of ", page.input.cells.size(), " cells are done."));
  std::vector<std::string> arms;
  for (const auto & [arm, reason] : page.input.results.notRun)
    arms.push_back("Arm " + arm + " was not run: " + reason);
  return html + List(arms) + (table.shown.Rows() > 0 ? ToHtml(table, page.budget) : std::string());
}

/// Of controls nothing is to be said.
bool HasUnclean(const ReportInput & input)
{
  return std::any_of(input.results.arms.begin(), input.results.arms.end(), [&](const ArmResult & result) {
    return result.lineage != "clean" && !input.study.Arm(result.arm).IsControl();
  });
}

std::string Limits(const ReportInput & input)
{
  const auto &             study = input.study;
  std::vector<std::string> limits{ "Other patients, scanners, protocols and hospitals than those of the data above were not tested. Nothing here is a clinical validation.",
                                   "\"No difference shown\" is not \"no difference\": a larger study might show one. Intervals tell which differences are still possible." };
  if (study.resampling.kind == ResamplingPlan::Kind::HoldOut)
    limits.push_back("All runs share one set of test patients: the numbers speak of that set; repeats vary the training only.");
  if (study.resampling.Repeats() < 5)
    limits.push_back(Concat("Each arm was trained ", study.resampling.Repeats(), study.resampling.Repeats() == 1 ? " time" : " times", " on each fold: how far results spread over trainings is known roughly at best."));
  if (HasUnclean(input))
    limits.push_back("Arms whose models may know images of the test patients (see the table of results) are not evidence for new patients.");
  limits.push_back("Every arm was run with the settings of the study file. A strategy that loses here may win with others.");
  limits.push_back("The best arm was found on the same test patients on which it is shown, so its own value is optimistic; \"serval study finish\" corrects for that choice.");
  if (!input.results.similarities.empty())
    limits.push_back("Few sources decide the rank correlation between similarity and gain; it is no rule for other targets.");
  return Heading("limits", "What this does not show") + List(limits);
}

std::string Origins(const ReportInput & input)
{
  const auto &             study = input.study;
  std::vector<std::string> lines{ Concat("Serval ", Version(), "; seed ", study.seed, "; resampling: ", ToText(study.resampling.kind), ", ", study.resampling.Repeats(), " repeat(s)"),
                                  Concat("Metric: ", input.results.metric, "; correction: ", study.correction, "; alpha ", FormatNumber(study.alpha), "; baselines: ", study.baselines.empty() ? "all from scratch" : Join(study.baselines, ", ")) };
  if (!study.file.empty() && std::filesystem::exists(study.file))
    lines.push_back("Study file " + study.file.filename().string() + ", SHA-256 " + Sha256OfFile(study.file));
  lines.push_back("Every model, cache and table of the study folder carries its own provenance; \"serval study replay CELL\" runs a cell again and compares it bit for bit.");
  return Heading("provenance", "Provenance") + List(lines);
}

} // namespace

std::string ClosingSections(Page & page)
{
  std::string html = NotRun(page) + Limits(page.input) + Origins(page.input);
  if (const auto & left = page.budget.leftOut; !left.empty())
  {
    const std::vector<std::string> first(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(5, left.size())));
    html += Paragraph(Concat(left.size(), " pictures or downloads were left out to keep the page below 20 MB: ", Join(first, "; "), left.size() > 5 ? " …" : "", ". The study folder holds them."), "quiet");
  }
  return html;
}

} // namespace serval
