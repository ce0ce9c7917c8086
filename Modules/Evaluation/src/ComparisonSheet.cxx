#include "serval/Evaluation/ComparisonSheet.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/ScoreSheet.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace serval
{
namespace
{

std::optional<Metric> MetricOf(const TestResult & test, const std::optional<Metric> & metric)
{
  return test.name == "delong" || test.name == "obuchowski" ? Metric(Metric::Auc) : test.name == "mcnemar" ? Metric(Metric::Accuracy) : metric;
}

std::string TextOfMetric(const TestResult & test, const std::optional<Metric> & metric)
{
  const auto own = MetricOf(test, metric);
  return own ? ToText(*own) : "the score";
}

std::string WordOfMetric(const TestResult & test, const std::optional<Metric> & metric)
{
  const auto own = MetricOf(test, metric);
  return own ? WordOf(*own) : "score";
}

std::string Signed(double value) { return std::isfinite(value) ? FormatFixed(value, 4) : "--"; }

void Correct(std::vector<TestResult> & tests, Correction correction)
{
  std::vector<double> p;
  for (const auto & test : tests)
    p.push_back(test.p);
  const auto corrected = correction == Correction::Holm ? HolmCorrected(p) : correction == Correction::BenjaminiHochberg ? BenjaminiHochbergCorrected(p) : p;
  for (std::size_t i = 0; i < tests.size(); ++i)
    tests[i].pCorrected = corrected[i];
}

double DetailOf(const TestResult & test, const std::string & name)
{
  for (const auto & [key, value] : test.details)
    if (key == name)
      return value;
  return std::nan("");
}

std::string WordsOf(Correction correction)
{
  return correction == Correction::Holm ? "corrected after Holm" : correction == Correction::BenjaminiHochberg ? "corrected after Benjamini and Hochberg" : "not corrected";
}

std::string LineOf(const TestResult & test, const std::optional<Metric> & metric, double alpha)
{
  const auto interval = std::isfinite(test.low) ? Concat(" [", FormatFixed(test.low, 4), ", ", FormatFixed(test.high, 4), "]") : std::string();
  const auto head = Concat(test.name, ": ", test.a, " - ", test.b, ": difference of ", TextOfMetric(test, metric), " ", FormatFixed(test.difference, 4), interval);
  if (test.name == "bayesian")
    return Concat(head, ", P(below -", FormatNumber(DetailOf(test, "rope")), ") ", FormatFixed(DetailOf(test, "below"), 3), ", P(equal) ",
                  FormatFixed(DetailOf(test, "within"), 3), ", P(above) ", FormatFixed(DetailOf(test, "above"), 3));
  if (!std::isfinite(test.p))
    return head + ", no p, as the difference has no variance: no difference shown";
  return Concat(head, ", p ", FormatFixed(test.p, 5), ", corrected ", FormatFixed(test.pCorrected, 5), test.pCorrected <= alpha ? "" : ": no difference shown");
}

nlohmann::json ToJsonObject(const TestResult & test, const ComparisonSheet & sheet)
{
  nlohmann::json json{ { "name", test.name }, { "a", test.a }, { "b", test.b }, { "difference", test.difference }, { "standardError", test.standardError },
                       { "statistic", test.statistic }, { "p", test.p }, { "pCorrected", test.pCorrected }, { "low", test.low }, { "high", test.high },
                       { "metric", WordOfMetric(test, sheet.metric) }, { "unit", ToText(sheet.unit) }, { "patients", sheet.patients }, { "rows", sheet.rows } };
  for (const auto & [name, value] : test.details)
    json[name] = value;
  return json;
}

nlohmann::json ToJsonObject(const DatasetComparison & d)
{
  return { { "datasets", d.datasets }, { "models", d.models }, { "values", d.values }, { "meanRanks", d.friedman.meanRanks },
           { "chiSquare", d.friedman.chiSquare.statistic }, { "p", d.friedman.chiSquare.p }, { "pTieCorrected", d.friedman.tieCorrected.p },
           { "imanDavenport", d.friedman.imanDavenport.statistic }, { "pImanDavenport", d.friedman.imanDavenport.p }, { "alpha", d.alpha },
           { "nemenyi", d.nemenyi }, { "bonferroniDunn", d.bonferroniDunn } };
}

std::string TextOf(const DatasetComparison & d)
{
  std::string text = Concat("Friedman over ", d.datasets.size(), " data sets: chi-square ", FormatFixed(d.friedman.chiSquare.statistic, 3), ", p ", FormatFixed(d.friedman.chiSquare.p, 5),
                            "; corrected for ties p ", FormatFixed(d.friedman.tieCorrected.p, 5), "; Iman-Davenport p ", FormatFixed(d.friedman.imanDavenport.p, 5),
                            "\nmean ranks (1 is the best; ", FormatFixed(d.nemenyi, 3), " apart differ by Nemenyi, ", FormatFixed(d.bonferroniDunn, 3),
                            " from one control by Bonferroni-Dunn):");
  for (std::size_t i = 0; i < d.models.size(); ++i)
    text += Concat("\n  ", FormatFixed(d.friedman.meanRanks[i], 3), "  ", d.models[i]);
  return text;
}

} // namespace

Correction CorrectionFrom(const std::string & text)
{
  if (text == "holm")
    return Correction::Holm;
  if (text == "benjamini-hochberg")
    return Correction::BenjaminiHochberg;
  Require(text == "none", Fault::Usage, "the correction '", text, "' is unknown; holm, benjamini-hochberg and none are known");
  return Correction::None;
}

ComparisonSheet ComparisonSheet::Of(const std::vector<Predictions> & models, std::vector<std::string> tests, const ComparisonPlan & plan, Correction correction,
                                    bool withRanking, Progress & progress)
{
  Require(models.size() >= 2, Fault::Usage, "a comparison needs two models; there are ", models.size());
  const auto      design = DesignOf(models[0]);
  ComparisonSheet sheet{ plan.metric, LowerIsBetter(plan.metric), models[0].unit, models[0].rows.size(), models[0].Patients().size(), serval::ToText(design), correction, 1 - plan.confidence, {}, {}, {}, {}, {}, {} };
  for (const auto & model : models)
    sheet.names.push_back(model.name);
  std::replace(tests.begin(), tests.end(), std::string("auto"), TestFor(design));
  const double all = double(tests.size() * models.size() * (models.size() - 1)) / 2;
  for (const auto & name : tests)
  {
    std::vector<TestResult> results;
    for (std::size_t a = 0; a < models.size(); ++a)
      for (std::size_t b = a + 1; b < models.size(); ++b)
      {
        progress.Report(double(sheet.tests.size() + results.size()) / all, name);
        auto & result = results.emplace_back(CompareBy(name, models[a], models[b], plan));
        if (!std::isfinite(result.low) && design != TestDesign::Resampled && design != TestDesign::SeveralDatasets)
        {
          auto ofMetric = plan;
          ofMetric.metric = *MetricOf(result, plan.metric);
          const auto interval = DifferenceInterval(models[a], models[b], ofMetric);
          result.low = interval.low;
          result.high = interval.high;
        }
      }
    Correct(results, correction);
    sheet.tests.insert(sheet.tests.end(), results.begin(), results.end());
    if (models.size() > 2 && (name == "delong" || name == "obuchowski"))
      sheet.joint = TestAllAucs(models);
  }
  if (design == TestDesign::SeveralDatasets)
    sheet.datasets = CompareOverDatasets(models, plan.metric, sheet.alpha);
  if (withRanking)
  {
    sheet.ranking = BootstrapRanking(models, plan.metric, { plan.samples, plan.confidence, plan.seed, BootstrapPlan::Kind::Percentile, plan.threads });
    sheet.ways = RankingWays(models, { Metric::Accuracy, Metric::BalancedAccuracy, Metric::MacroF1, Metric::Auc, Metric::LogLoss, Metric::Brier });
  }
  return sheet;
}

ComparisonSheet ComparisonSheet::OfTable(const Table & table, bool lowerIsBetter, double alpha, Correction correction)
{
  const auto                       column = table.Column("dataset");
  std::vector<std::string>         sets, models;
  std::vector<std::vector<double>> values(table.Rows());
  for (std::size_t row = 0; row < table.Rows(); ++row)
    sets.push_back(table.At(row, column));
  for (const auto & name : table.Columns())
  {
    if (name == "dataset")
      continue;
    models.push_back(name);
    for (std::size_t row = 0; row < table.Rows(); ++row)
      values[row].push_back(table.Number(row, name));
  }
  ComparisonSheet sheet{ std::nullopt, lowerIsBetter, Unit::Case, sets.size(), 0, serval::ToText(TestDesign::SeveralDatasets), correction, alpha, {}, {}, {}, {}, models, {} };
  sheet.datasets = CompareOverDatasets(sets, models, values, lowerIsBetter, alpha);
  for (std::size_t a = 0; a < models.size(); ++a)
    for (std::size_t b = a + 1; b < models.size(); ++b)
    {
      std::vector<double> differences;
      for (const auto & row : values)
        differences.push_back(row[a] - row[b]);
      const auto wilcoxon = WilcoxonTest(differences, ZeroRule::Split);
      TestResult result{ "wilcoxon", models[a], models[b], 0, std::nan(""), std::min(wilcoxon.positive, wilcoxon.negative), wilcoxon.p, 1, std::nan(""), std::nan("") };
      for (const double d : differences)
        result.difference += d / double(differences.size());
      result.details = { { "positiveRanks", wilcoxon.positive }, { "negativeRanks", wilcoxon.negative }, { "exact", wilcoxon.exact } };
      sheet.tests.push_back(result);
    }
  Correct(sheet.tests, correction);
  return sheet;
}

std::string ComparisonSheet::ToText() const
{
  std::string text;
  for (const auto & test : tests)
    text += (text.empty() ? "" : "\n") + LineOf(test, metric, alpha);
  if (joint)
    text += Concat("\nall AUCs equal: chi-square ", FormatFixed(joint->test.statistic, 4), " with ", joint->test.degrees, " degrees of freedom, p ", FormatFixed(joint->test.p, 5));
  if (datasets)
    text += "\n" + TextOf(*datasets);
  if (ranking)
  {
    text += Concat("\nranking by ", serval::ToText(*metric), " (bootstrap: mean Kendall tau with the observed order ", Signed(ranking->tau), ")");
    for (const auto & model : ranking->models)
      text += Concat("\n  rank ", FormatNumber(model.rank), " [", FormatNumber(model.low), ", ", FormatNumber(model.high), "], best in ",
                     FormatFixed(100 * model.firstShare, 1), " % of the samples: ", model.name, " ", FormatFixed(model.value, 4));
    const auto taus = Agreement(ways);
    for (std::size_t i = 1; i < ways.size(); ++i)
      text += Concat("\n  order by ", ways[i].text, ": tau ", Signed(taus[0][i]), " with that by ", ways[0].text);
  }
  return text;
}

Table ComparisonSheet::ToTable() const
{
  Table table({ "test", "a", "b", "metric", "difference", "low", "high", "statistic", "p", "pCorrected" });
  for (const auto & t : tests)
    table.AddRow({ t.name, t.a, t.b, WordOfMetric(t, metric), FormatNumber(t.difference), FormatNumber(t.low), FormatNumber(t.high), FormatNumber(t.statistic),
                   FormatNumber(t.p), FormatNumber(t.pCorrected) });
  return table;
}

std::string ComparisonSheet::ToLatex() const
{
  std::string text = "\\begin{tabular}{llrrrr}\n\\hline\ntest & models & difference & interval & $p$ & corrected \\\\\n\\hline\n";
  const auto p = [](double value) { return value < 0.00005 ? std::string("$<$ 0.0001") : Signed(value); };
  for (const auto & t : tests)
    text += LatexEscaped(t.name) + " & " + LatexEscaped(t.a + " - " + t.b) + " & " + Signed(t.difference) + " & " +
            (std::isfinite(t.low) ? Signed(t.low) + " to " + Signed(t.high) : "--") + " & " + p(t.p) + " & " + p(t.pCorrected) + " \\\\\n";
  return text + "\\hline\n\\end{tabular}\n";
}

std::string ComparisonSheet::ToJson() const
{
  nlohmann::json json{ { "schema", "serval-comparison/1" }, { "tests", nlohmann::json::array() }, { "design", design }, { "inWords", InWords() } };
  for (const auto & test : tests)
    json["tests"].push_back(ToJsonObject(test, *this));
  if (joint)
    json["joint"] = { { "aucs", joint->aucs }, { "covariance", joint->covariance }, { "statistic", joint->test.statistic }, { "degrees", joint->test.degrees }, { "p", joint->test.p } };
  if (datasets)
    json["datasets"] = ToJsonObject(*datasets);
  if (ranking)
  {
    json["ranking"] = { { "metric", WordOf(*metric) }, { "tau", ranking->tau } };
    for (const auto & m : ranking->models)
      json["ranking"]["models"].push_back({ { "name", m.name }, { "value", m.value }, { "rank", m.rank }, { "low", m.low }, { "high", m.high }, { "firstShare", m.firstShare } });
    for (const auto & way : ways)
      json["ranking"]["ways"].push_back({ { "text", way.text }, { "ranks", way.ranks } });
    json["ranking"]["agreement"] = Agreement(ways);
  }
  return json.dump();
}

std::string ComparisonSheet::InWords() const
{
  std::string text = metric ? Concat("The ", names.size(), " models were compared on ", Counted(patients, "patient"), " (", Counted(rows, "row"), ", unit ", serval::ToText(unit), "); the design is ", design, ".")
                            : Concat("The ", names.size(), " models were compared over ", rows, " data sets.");
  std::map<std::string, int> ofTest;
  for (const auto & t : tests)
    ++ofTest[t.name];
  for (const auto & t : tests)
  {
    const auto what = TextOfMetric(t, metric);
    const bool isLower = MetricOf(t, metric) == metric && lowerIsBetter;
    if (t.name == "bayesian")
    {
      text += Concat(" The posterior probability that '", t.a, "' and '", t.b, "' are practically equal in ", what, " is ", FormatFixed(DetailOf(t, "within"), 3), ".");
      continue;
    }
    const auto p = std::isfinite(t.p) ? Concat("p ", t.pCorrected < 0.00005 ? "< 0.0001" : FormatFixed(t.pCorrected, 4), ofTest[t.name] > 1 ? Concat(", ", WordsOf(correction), " over ", ofTest[t.name], " comparisons") : "")
                                      : std::string("no p");
    const bool firstIsBetter = (t.difference > 0) == !isLower;
    if (t.pCorrected <= alpha)
      text += Concat(" The ", t.name, " test shows that ", what, " is better for '", firstIsBetter ? t.a : t.b, "' than for '", firstIsBetter ? t.b : t.a, "' (difference ",
                     FormatFixed(t.difference, 3), std::isfinite(t.low) ? Concat(", interval ", FormatFixed(t.low, 3), " to ", FormatFixed(t.high, 3)) : "", ", ", p, ").");
    else
      text += Concat(" No difference in ", what, " was shown between '", t.a, "' and '", t.b, "' by the ", t.name, " test (difference ", FormatFixed(t.difference, 3), ", ", p,
                     "), which does not show that they are equal",
                     std::isfinite(t.low) ? Concat(": differences from ", FormatFixed(t.low, 3), " to ", FormatFixed(t.high, 3), " remain possible.") : std::string("."));
  }
  if (datasets)
    text += datasets->friedman.imanDavenport.p <= alpha ? " Over the data sets the models differ (Friedman, Iman-Davenport)." : " Over the data sets no difference of the models was shown (Friedman, Iman-Davenport).";
  return text;
}

} // namespace serval
