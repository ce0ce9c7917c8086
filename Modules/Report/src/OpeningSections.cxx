#include "Sections.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <set>

namespace serval
{
namespace
{

std::string Contents(const ReportInput & input)
{
  std::string html = "<nav aria-label=\"Contents\"><ul>";
  for (const auto & [id, text] : { std::pair("data", "Data"), { "arms", "Arms" }, { "results", "Results" }, { "comparisons", "Comparisons" }, { "cases", "Cases" }, { "time", "Time" },
                                   { "limits", "What this does not show" }, { "provenance", "Provenance" } })
    if (std::string(id) != "cases" || !input.results.cases.empty())
      html += Concat("<li><a href=\"#", id, "\">", text, "</a></li>");
  return html + "</ul></nav>\n";
}

std::string Warnings(const ReportInput & input)
{
  auto warnings = input.results.warnings;
  if (!input.study.note.empty())
    warnings.insert(warnings.begin(), input.study.note);
  return warnings.empty() ? std::string() : "<section class=\"warnings\" role=\"note\" aria-label=\"Warnings\">" + List(warnings) + "</section>\n";
}

std::string Title(const ReportInput & input)
{
  std::string html = "<h1>" + EscapeXml(input.study.title) + "</h1>\n";
  if (!input.study.question.empty())
    html += Paragraph(input.study.question, "question");
  return html + "<section class=\"verdict\" aria-label=\"Verdict\"><p>" + EscapeXml(input.results.Verdict(input.study)) + "</p></section>\n" + Warnings(input) + Contents(input);
}

/// From the manifest to the patients that are tested, in a sentence.
std::string CohortFlow(const ReportInput & input, const PlannedTarget & target)
{
  std::set<std::string> tested, used;
  std::size_t           trained = 0;
  for (const auto & one : target.resamples)
  {
    tested.insert(one.test.begin(), one.test.end());
    used.insert(one.test.begin(), one.test.end());
    used.insert(one.training.begin(), one.training.end());
    trained = std::max(trained, one.training.size());
  }
  std::string text = target.name + ": ";
  if (const auto cohort = input.cohorts.find(target.name); cohort != input.cohorts.end())
    text += Concat(Counted(cohort->second.cases, "case"), " of ", Counted(cohort->second.patients, "patient"), " in the manifest; ");
  return Concat(text, Counted(used.size(), "patient"), " take part; up to ", trained, " of them may train, ", tested.size(), " are tested, over ", target.resamples.size(),
                target.resamples.size() == 1 ? " training run" : " training runs", " of each arm and size. No patient is tested by a model that was trained on it.");
}

std::string ClassCounts(Page & page)
{
  HtmlTable table{ "Patients by class, in the first training run with the largest training set", "patients.csv", Table({ "Target", "Class", "Training patients", "Test patients" }) };
  table.numbers = { 2, 3 };
  for (const auto & target : page.input.plan.targets)
    for (const auto & [name, counts] : target.patients)
    {
      const auto of = [&counts = counts](const char * part) { return std::to_string(counts.contains(part) ? counts.at(part) : 0); };
      table.shown.AddRow({ target.name, name.empty() ? "(each patient has patches of all classes)" : name, of("training"), of("test") });
    }
  return table.shown.Rows() == 0 ? std::string() : ToHtml(table, page.budget);
}

/// Tested units by class, as they were predicted: patches where patients have several.
std::string UnitCounts(Page & page)
{
  HtmlTable table{ "Tested units by true class", "units.csv", Table({ "Target", "Class", "Units", "Patients" }) };
  table.numbers = { 2, 3 };
  for (const auto & [target, names] : page.input.results.classNames)
    if (const auto * best = BestArm(page.input.study, page.input.results, target))
      for (const auto & name : names)
      {
        std::set<std::string> patients;
        std::size_t           units = 0;
        for (const auto & one : page.input.results.cases)
          if (one.target == target && one.arm == best->arm && one.truth == name)
          {
            ++units;
            patients.insert(one.patient);
          }
        table.shown.AddRow({ target, name, std::to_string(units), std::to_string(patients.size()) });
      }
  return table.shown.Rows() == 0 ? std::string() : ToHtml(table, page.budget);
}

/// What was found in the images, by target.
std::string Audit(Page & page)
{
  HtmlTable table{ "Audit: what was found in the images", "audit.csv", Table({ "Target", "What", "Found" }) };
  for (const auto & [target, facts] : page.input.facts)
    for (const auto & [what, found] : facts)
      table.shown.AddRow({ target, what, found });
  return table.shown.Rows() == 0 ? std::string() : ToHtml(table, page.budget);
}

std::string Data(Page & page)
{
  std::string html = Heading("data", "Data");
  for (const auto & target : page.input.study.targets)
    if (!target.text.empty())
      html += Paragraph(target.text);
  for (const auto & target : page.input.plan.targets)
    html += Paragraph(CohortFlow(page.input, target));
  return html + Audit(page) + ClassCounts(page) + UnitCounts(page);
}

std::string Arms(Page & page)
{
  HtmlTable table{ "Arms: how each comes to its classifier", "arms.csv", Table({ "Arm", "What it is", "Source", "Source's data" }) };
  for (const auto & arm : page.input.study.arms)
  {
    const auto               sources = page.input.study.SourcesOf(arm);
    std::vector<std::string> texts;
    for (const auto & source : sources)
      texts.push_back(page.input.study.Source(source).text);
    table.shown.AddRow({ arm.name, arm.InWords(), sources.empty() ? "–" : Join(sources, ", "), texts.empty() ? "–" : Join(texts, "; ") });
  }
  return Heading("arms", "Arms") + ToHtml(table, page.budget);
}

} // namespace

std::string OpeningSections(Page & page) { return Title(page.input) + Data(page) + Arms(page); }

} // namespace serval
