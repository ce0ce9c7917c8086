// Answers agree.py: a JSON object a line on the standard input, one a line on the standard output.

#include "serval/Classical/ClassicalModel.h"
#include "serval/Core/Error.h"
#include "serval/Evaluation/Calibration.h"
#include "serval/Evaluation/Comparison.h"

#include <nlohmann/json.hpp>

#include <iostream>

namespace
{

using namespace serval;
using Json = nlohmann::json;

std::vector<double> Numbers(const Json & json) { return json.get<std::vector<double>>(); }

/// One row a patient: `truth` and `p` (a row of probabilities each).
Predictions PredictionsOf(const Json & request, const char * probabilities = "p")
{
  Predictions made{ "probe", {}, {}, Unit::Patient };
  const auto  rows = request.at(probabilities).get<std::vector<std::vector<double>>>();
  const auto  truth = request.at("truth").get<std::vector<int>>();
  for (std::size_t c = 0; c < rows.at(0).size(); ++c)
    made.classNames.push_back(std::to_string(c));
  for (std::size_t i = 0; i < rows.size(); ++i)
    made.rows.push_back({ std::to_string(i), std::to_string(i), "", truth[i], rows[i] });
  return made;
}

Json Statistic(const std::string & what, const Json & r)
{
  if (what == "metrics")
  {
    const auto p = PredictionsOf(r);
    Json       values;
    for (const auto & word : MetricWords())
      values[word] = Evaluate(p, MetricFrom(word));
    for (const auto & word : ClassMetricWords())
      for (const auto & name : p.classNames)
        values[word + ":" + name] = Evaluate(p, MetricFrom(word, p.classNames, name));
    return values;
  }
  if (what == "wilcoxon")
  {
    const auto test = WilcoxonTest(Numbers(r.at("a")), r.at("split").get<bool>() ? ZeroRule::Split : ZeroRule::Drop);
    return { { "statistic", std::min(test.positive, test.negative) }, { "p", test.p }, { "exact", test.exact } };
  }
  if (what == "sign")
    return { { "p", SignTest(Numbers(r.at("a"))).p } };
  if (what == "nadeau-bengio")
  {
    const auto test = NadeauBengioTest(Numbers(r.at("a")), r.at("x"));
    return { { "statistic", test.statistic }, { "p", test.p } };
  }
  if (what == "bayesian")
  {
    const auto test = BayesianCorrelatedTest(Numbers(r.at("a")), r.at("x"), r.at("rope"));
    return { { "below", test.below }, { "within", test.within }, { "above", test.above } };
  }
  if (what == "5x2")
  {
    const auto test = FiveByTwoTest(Numbers(r.at("a")));
    return { { "t", test.t.p }, { "f", test.f.p } };
  }
  if (what == "friedman")
  {
    const auto test = FriedmanTest(r.at("rows").get<std::vector<std::vector<double>>>());
    return { { "statistic", test.tieCorrected.statistic }, { "p", test.tieCorrected.p }, { "meanRanks", test.meanRanks } };
  }
  if (what == "kendall")
    return { { "tau", KendallTau(Numbers(r.at("a")), Numbers(r.at("b"))) } };
  if (what == "cliff")
    return { { "delta", CliffDelta(Numbers(r.at("a")), Numbers(r.at("b"))) } };
  if (what == "effect")
  {
    const auto effect = EffectSizeOf(Numbers(r.at("a")));
    return { { "cohen", effect.cohen }, { "hedges", effect.hedges }, { "rankBiserial", effect.rankBiserial } };
  }
  if (what == "range")
    return { { "p", RangeBelow(r.at("x"), r.at("k")) } };
  if (what == "multiplicity")
    return { { "holm", HolmCorrected(Numbers(r.at("a"))) }, { "fdr", BenjaminiHochbergCorrected(Numbers(r.at("a"))) } };
  if (what == "proportion")
  {
    const auto wilson = WilsonInterval(r.at("k"), r.at("n"), 0.95), exact = ClopperPearsonInterval(r.at("k"), r.at("n"), 0.95);
    return { { "wilson", { wilson.low, wilson.high } }, { "exact", { exact.low, exact.high } } };
  }
  if (what == "paired")
  {
    const auto a = PredictionsOf(r), b = PredictionsOf(r, "q");
    const auto delong = DeLongTest(a, b, {}), mcnemar = McNemarTest(a, b, {});
    Json       answer{ { "delong", { delong.difference, delong.standardError, delong.p } }, { "mcnemar", mcnemar.p } };
    for (const auto & [name, value] : mcnemar.details)
      answer[name] = value;
    return answer;
  }
  if (what == "calibration")
  {
    const auto p = PredictionsOf(r);
    Json       answer;
    for (const char * kind : { "temperature", "isotonic" })
    {
      const auto calibrator = Calibrator::Fit(p, Calibrator::KindFrom(kind));
      for (const auto & row : calibrator.Apply(p).rows)
        answer[kind].push_back(row.probabilities[1]);
    }
    return answer;
  }
  throw std::runtime_error("unknown request " + what);
}

/// `columns`, `values`, `classes`, `groups`, `train` and `test` row numbers, `kind` and settings; the test rows' probabilities.
Json Classify(const Json & r)
{
  FeatureTable table;
  table.columns = r.at("columns");
  const auto values = r.at("values").get<std::vector<float>>();
  const auto classes = r.at("classes").get<std::vector<int>>();
  for (const auto row : r.at("train").get<std::vector<std::size_t>>())
  {
    table.values.insert(table.values.end(), values.begin() + std::ptrdiff_t(row * table.columns), values.begin() + std::ptrdiff_t((row + 1) * table.columns));
    table.classes.push_back(classes[row]);
    table.groups.push_back(std::to_string(row));
  }
  ClassicalSpec spec;
  spec.kind = ClassicalSpec::KindFrom(r.at("kind"));
  spec.scheme = ClassicalSpec::SchemeFrom(r.value("scheme", "usual"));
  spec.cost = r.value("cost", 1.0);
  spec.gamma = r.value("gamma", 0.0);
  spec.degree = r.value("degree", 3);
  spec.neighbours = r.value("neighbours", 5);
  spec.components = r.value("components", 0.0);
  spec.balanced = r.value("balanced", true);
  spec.shrinkage = r.value("shrinkage", -1.0);
  const auto model = ClassicalModel::Fit(table, r.at("classCount"), spec);
  Json       answer;
  for (const auto row : r.at("test").get<std::vector<std::size_t>>())
    answer["p"].push_back(model.Probabilities({ values.data() + row * table.columns, table.columns }));
  return answer;
}

} // namespace

int main()
{
  for (std::string line; std::getline(std::cin, line);)
  {
    const auto request = Json::parse(line);
    Json       answer;
    try
    {
      const std::string what = request.at("what");
      answer = what == "classify" ? Classify(request) : Statistic(what, request);
    }
    catch (const Error & error)
    {
      answer = { { "error", error.what() } };
    }
    std::cout << answer.dump() << std::endl;
  }
  return 0;
}
