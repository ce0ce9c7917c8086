#include "ComparisonInput.h"
#include "ComparisonOutput.h"
#include "serval/CommandLine/Application.h"

namespace serval
{
namespace
{

struct CompareDatasets final : app::Application
{
  ComparisonInput          input;
  std::filesystem::path    outcomes, table, picture;
  std::string              compare = "data-sets", drawn;
  std::vector<std::string> measures;
  ComparisonSpec           spec;

  app::Description Describe() const override
  {
    return { "ServalCompareDatasets", "compare-datasets", "Compare data sets", "Serval.Evaluation",
             "Distances between data sets seen by one network, or scores that say how well each of several source networks may "
             "serve a target's classes, with intervals over patients. A score says nothing of transfer until its rank "
             "correlation with measured outcomes stands beside it." };
  }
  void Declare(app::Parameters & p) override
  {
    input.Declare(p);
    p.Add("outcomes", &outcomes, "Measured outcomes (CSV): columns a, b, outcome for data sets; a, outcome for networks").In("file", ".csv").Optional();
    p.Add("table", &table, "All numbers (CSV)").Out("file", ".csv").Optional();
    p.Add("picture", &picture, "Matrix with dendrogram and map of one measure (SVG)").Out("file", ".svg").Optional();
    p.Group("Method");
    p.Add("compare", &compare, "data-sets: features of one network for several data sets; networks: features of several networks for one target")
      .Choices({ "data-sets", "networks" });
    p.Add("measures", &measures, Concat("Data sets: ", Join(DataSetMeasures(), ", "), "; networks: ", Join(NetworkMeasures(), ", "), "; all when left out"));
    p.Add("drawn", &drawn, "Measure of the picture; the first of pairs when left out");
    p.Add("replicates", &spec.replicates, "Bootstrap samples of patients for the intervals; 0: none").Range(0, 100000);
    p.Add("permutations", &spec.permutations, "Permutations of patients for the p of mmd; 0: none").Range(0, 100000);
    p.AddSeed(&spec.seed);
  }
  void Run(app::Context & context) override
  {
    const bool isNetworks = compare == "networks";
    const auto samples = input.Read(isNetworks);
    spec.measures = !measures.empty() ? measures : isNetworks ? NetworkMeasures() : DataSetMeasures();
    const auto found = isNetworks ? CompareNetworks(samples, spec, context.progress) : CompareDataSets(samples, spec, context.progress);
    auto       json = ToJson(found, samples);
    for (const auto & one : found)
      context.Say(Line(one));
    if (!outcomes.empty())
      Correlate(context, found, json);
    if (!table.empty())
      TableOf(found).Write(table);
    if (!picture.empty())
      Draw(found, samples);
    context.WriteNumbers(json.dump());
  }

private:
  /// Distances are turned round, so that a useful measure of either kind has a positive correlation.
  void Correlate(app::Context & context, const std::vector<Comparison> & found, nlohmann::json & json) const
  {
    const auto measured = ReadOutcomes(outcomes, found);
    for (const auto & measure : spec.measures)
    {
      std::vector<double> scores, results;
      for (const auto & outcome : measured)
        if (const auto answer = AnswerTo(outcome, measure, found))
        {
          scores.push_back(outcome.b.empty() || measure == "cka" ? *answer : -*answer);
          results.push_back(outcome.value);
        }
      const auto tau = KendallTau(scores, results), rho = SpearmanRho(scores, results);
      json["correlations"].push_back({ { "measure", measure }, { "pairs", scores.size() }, { "kendall", NumberOrNull(tau) },
                                       { "spearman", NumberOrNull(rho) }, { "reason", tau.reason } });
      context.Say(Concat(measure, " and the outcome: ", tau.value ? Concat("Kendall's tau ", FormatFixed(*tau.value, 3), ", Spearman's rho ", FormatFixed(*rho.value, 3))
                                                                  : "no correlation, " + tau.reason, " (", scores.size(), " outcomes)"));
    }
  }

  void Draw(const std::vector<Comparison> & found, const std::vector<NamedSample> & samples) const
  {
    std::string measure = drawn;
    for (const auto & one : found)
      if (measure.empty() && !one.b.empty())
        measure = one.measure;
    const bool isPair = std::ranges::any_of(found, [&](const auto & one) { return one.measure == measure && !one.b.empty(); });
    Require(isPair, Fault::Usage, "there is no matrix of '", measure, "' to draw; --drawn names a measure of pairs that is computed, such as energy or cka");
    std::vector<std::string> names;
    for (const auto & sample : samples)
      names.push_back(sample.name);
    WriteTextFile(picture, DrawArrangement(measure == "cka" ? "1 - cka" : measure, names, MatrixOf(found, measure, names)));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::CompareDatasets>(argc, argv); }
