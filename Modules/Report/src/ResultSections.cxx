#include "Sections.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <cmath>

namespace serval
{
namespace
{

std::string ScoreTable(Page & page)
{
  const auto & results = page.input.results;
  std::vector<std::string> words;
  for (const auto & arm : results.arms)
    for (const auto & [word, interval] : arm.scores)
      if (std::find(words.begin(), words.end(), word) == words.end())
        words.push_back(word);
  std::vector<std::string> heads{ "Target", "Training patients", "Arm" };
  heads.insert(heads.end(), words.begin(), words.end());
  heads.insert(heads.end(), { "SD over runs", "Test patients", "Runs", "Test patients known to the model" });
  const Table download = results.ToTable();
  HtmlTable   table{ "Scores with 95 % intervals, drawn over patients and runs", "results.csv", Table(heads), &download };
  for (std::size_t column = 3; column + 1 < heads.size(); ++column)
    table.numbers.insert(column);
  table.numbers.insert(1);
  for (const auto & arm : results.arms)
  {
    std::vector<std::string> row{ arm.target, std::to_string(arm.trainPatients), arm.arm };
    for (const auto & word : words)
      row.push_back(arm.scores.contains(word) ? WithInterval(arm.scores.at(word)) : "–");
    row.insert(row.end(), { Fixed(arm.spread, 3), std::to_string(arm.testPatients), Concat(arm.runs, arm.missingRuns ? Concat(" (", arm.missingRuns, " missing)") : ""),
                            arm.lineage == "clean" ? "none" : arm.lineage });
    table.shown.AddRow(row);
  }
  return ToHtml(table, page.budget);
}

std::string Results(Page & page)
{
  std::string html = Heading("results", "Results");
  if (page.input.results.arms.empty())
    return html + Paragraph("No arm has predictions yet. What did not run, and what to do, stands below.");
  return html + PlotsOf(page, ReportPlot::Part::Results) + ScoreTable(page);
}

std::string Comparisons(Page & page)
{
  const auto & results = page.input.results;
  std::string  html = Heading("comparisons", "Comparisons");
  if (results.tests.empty())
    return html + Paragraph("Nothing was compared: at least two arms with all their runs are needed.");
  html += Paragraph(Concat("Design and test: ", results.design, ". p is corrected over all ", results.tests.size(), " tests of the study (", page.input.study.correction, "); \"no difference shown\" means a corrected p above ",
                           FormatNumber(page.input.study.alpha), " and is no proof of equality."));
  const Table download = results.TestTable();
  HtmlTable   table{ "Differences with 95 % intervals", "tests.csv", Table({ "Target", "Training patients", "Arm", "Against", "Difference", "p", "p corrected", "In words", "Kind" }), &download };
  table.numbers = { 1, 4, 5, 6 };
  for (const auto & one : results.tests)
    table.shown.AddRow({ one.target, one.size == 0 ? "all" : std::to_string(one.size), one.test.a, one.test.b, WithInterval({ one.test.difference, one.test.low, one.test.high }), PInWords(one.test.p),
                         PInWords(one.test.pCorrected), InWords(one, page.input.study), one.matched.empty() ? "baseline" : one.matched });
  return html + PlotsOf(page, ReportPlot::Part::Comparisons) + ToHtml(table, page.budget);
}

std::string Ranks(Page & page)
{
  if (page.input.results.rankings.empty())
    return {};
  HtmlTable table{ "Rank of each arm, with its 95 % interval when other patients and runs are drawn", "ranks.csv", Table({ "Target", "Training patients", "Arm", "Rank", "Low", "High", "First in % of the draws", "Ranks by other orders" }) };
  table.numbers = { 1, 3, 4, 5, 6 };
  std::vector<std::string> stability;
  for (const auto & one : page.input.results.rankings)
  {
    const auto size = one.size == 0 ? std::string("all") : std::to_string(one.size);
    stability.push_back(Concat(one.target, ", ", size, " training patients: mean Kendall's tau between the order of a draw and the order shown is ", Fixed(one.ranking.tau, 2), " (1: never another order)."));
    for (std::size_t i = 0; i < one.ranking.models.size(); ++i)
    {
      const auto &             model = one.ranking.models[i];
      std::vector<std::string> ways;
      for (const auto & way : one.ways)
        ways.push_back(way.text + ": " + FormatNumber(way.ranks.at(i)));
      table.shown.AddRow({ one.target, size, model.name, FormatNumber(model.rank), FormatNumber(model.low), FormatNumber(model.high), Fixed(100 * model.firstShare, 0), Join(ways, "; ") });
    }
  }
  return "<h3>How stable the order is</h3>\n" + List(stability) + ToHtml(table, page.budget);
}

std::string Similarity(Page & page)
{
  if (page.input.results.similarities.empty())
    return {};
  HtmlTable table{ "Scores of the sources' networks on the target, beside what their best arm gained over scratch", "similarity.csv",
                   Table({ "Target", "Measure", "Source", "Score", "Gain", "Kendall's tau over the sources" }) };
  table.numbers = { 3, 4, 5 };
  for (const auto & one : page.input.results.similarities)
    for (const auto & source : one.sources)
      table.shown.AddRow({ one.target, one.measure, source.source, Fixed(source.score, 4), Fixed(source.gain, 3), one.tau ? Fixed(*one.tau, 2) : "– (fewer than three sources)" });
  return Heading("similarity", "Similarity against gain") + PlotsOf(page, ReportPlot::Part::Similarity) + ToHtml(table, page.budget);
}

std::string Features(Page & page)
{
  const auto plots = PlotsOf(page, ReportPlot::Part::Features);
  return plots.empty() ? plots : Heading("features", "Features off the shelf") + Paragraph("Whether patches of one class lie together before any classifier is fitted. Two directions of many: a description, no test.") + "<div class=\"plots\">\n" + plots + "</div>\n";
}

std::string Variances(Page & page)
{
  if (page.input.results.variances.empty())
    return {};
  HtmlTable table{ "Where the spread of the accuracy comes from: shares of the variance of one patient in one run", "variance.csv", Table({ "Target", "Training patients", "Arm", "Seed %", "Fold %", "Patient %", "Rest %" }) };
  table.numbers = { 1, 3, 4, 5, 6 };
  for (const auto & one : page.input.results.variances)
  {
    const double sum = one.split.seed + one.split.fold + one.split.patient + one.split.rest;
    const auto   share = [sum](double part) { return Fixed(100 * part / sum, 0); };
    table.shown.AddRow({ one.target, one.size == 0 ? "all" : std::to_string(one.size), one.arm, share(one.split.seed), share(one.split.fold), share(one.split.patient), share(one.split.rest) });
  }
  return "<h3>Where the spread comes from</h3>\n" + ToHtml(table, page.budget);
}

std::string Times(Page & page)
{
  double all = 0;
  for (const auto & [id, outcome] : page.input.cells)
    all += outcome.seconds;
  const auto seconds = [](double value) { return value > 0 ? FormatFixed(value, 1) : std::string("–"); }; // 0: its cells are not done by this very plan
  HtmlTable  table{ "Time of one run of each arm", "time.csv", Table({ "Target", "Training patients", "Arm", "Own work (s)", "Work shared with other arms (s)", "Together (s)" }) };
  table.numbers = { 1, 3, 4, 5 };
  for (const auto & arm : page.input.results.arms)
    table.shown.AddRow({ arm.target, std::to_string(arm.trainPatients), arm.arm, seconds(arm.seconds), seconds(arm.sharedSeconds), seconds(arm.seconds + arm.sharedSeconds) });
  return Heading("time", "Time and cost") + Paragraph("All cells together took " + TimeInWords(all) + " of work; work that several arms share, such as a pretraining, was done once.") +
         (table.shown.Rows() > 0 ? ToHtml(table, page.budget) : std::string());
}

std::string TrainingCurves(Page & page)
{
  const auto plots = PlotsOf(page, ReportPlot::Part::Training);
  return plots.empty() ? plots : Heading("training", "Training") + Paragraph("Whether the curves have flattened tells whether an arm had steps enough.") + plots;
}

} // namespace

std::string ResultSections(Page & page)
{
  return Results(page) + Comparisons(page) + Ranks(page) + Similarity(page) + Features(page) + Variances(page) + TrainingCurves(page) + Times(page);
}

} // namespace serval
