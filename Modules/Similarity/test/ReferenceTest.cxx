#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Similarity/Arrangement.h"
#include "serval/Similarity/LabelledDistance.h"
#include "serval/Similarity/Transferability.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

namespace serval
{
namespace
{

/// reference.txt, which make-reference.py wrote.
struct Reference
{
  Reference()
  {
    std::ifstream file(SERVAL_SOURCE_DIRECTORY "/Modules/Similarity/test/reference.txt");
    std::string   word, name;
    while (file >> word >> name)
    {
      if (word == "value")
      {
        file >> values[name];
        continue;
      }
      std::size_t rows = 0;
      file >> rows >> columns[name];
      auto & matrix = matrices[name];
      matrix.resize(rows * columns[name]);
      for (float & value : matrix)
        file >> value;
    }
  }
  LabelledSample Sample(const std::string & name, const std::string & classes) const
  {
    LabelledSample sample;
    sample.features.columns = columns.at(name);
    sample.features.values = matrices.at(name);
    for (const float label : matrices.at(classes))
      sample.classes.push_back(static_cast<int>(label));
    return sample;
  }
  std::vector<double> Column(const std::string & name) const { return { matrices.at(name).begin(), matrices.at(name).end() }; }

  std::map<std::string, std::vector<float>> matrices;
  std::map<std::string, std::size_t>        columns;
  std::map<std::string, double>             values;
};

TEST(Reference, DistancesAreThoseOfTheDefinitions)
{
  const Reference r;
  ASSERT_EQ(r.values.size(), 19U);
  const auto a = r.Sample("a", "aClasses"), b = r.Sample("b", "bClasses"), wide = r.Sample("wide", "aClasses");
  EXPECT_NEAR(FrechetDistance(a.features, b.features), r.values.at("frechet"), 1e-6);
  EXPECT_NEAR(EnergyDistance(a.features, b.features), r.values.at("energy"), 1e-9);
  EXPECT_NEAR(MaximumMeanDiscrepancy(a.features, b.features, { .bandwidth = 1.7 }).biased, r.values.at("mmd"), 1e-9);
  EXPECT_NEAR(LinearAlignment(a.features, wide.features).value.value(), r.values.at("alignment"), 1e-9);
  EXPECT_NEAR(LinearAlignment(wide.features, a.features).value.value(), r.values.at("alignment"), 1e-9);
  EXPECT_NEAR(LabelledTransport(a, b).value.value(), r.values.at("transport"), 1e-3);
}

TEST(Reference, ScoresAreThoseOfTheDefinitions)
{
  const Reference r;
  const auto      a = r.Sample("a", "aClasses"), wide = r.Sample("wide", "aClasses");
  const auto      near = [&](const Answer & answer, const char * name, double tolerance) {
    ASSERT_TRUE(answer.value) << name << ": " << answer.reason;
    EXPECT_NEAR(*answer.value, r.values.at(name), tolerance) << name;
  };
  near(Leep(r.matrices.at("theta"), 4, a.classes), "leep", 1e-6);
  near(NegativeConditionalEntropy(r.matrices.at("theta"), 4, a.classes), "nce", 1e-6);
  near(GaussianLeep(a), "nleep", 1e-6);
  near(GaussianLeep(wide), "nleepWide", 1e-6);
  near(LogEvidence(a), "logme", 1e-7);
  near(ShrunkHScore(a), "hscore", 1e-9);
  near(ShrunkHScore(wide), "hscoreWide", 1e-9);
  near(PairwiseCorrelation(a), "parc", 1e-9);
  near(TransRate(a), "transrate", 1e-8);
  near(TransRate(wide), "transrateWide", 1e-8);
  near(FeaturesAndGradients(a), "gradients", 1e-9);
  near(FeaturesAndGradients(wide), "gradientsWide", 1e-9);
}

TEST(Reference, RankCorrelationsAreThoseOfTheDefinitions)
{
  const Reference r;
  const auto      x = r.Column("tied"), y = r.Column("other");
  EXPECT_NEAR(KendallTau(x, y).value.value(), r.values.at("kendall"), 1e-9);
  EXPECT_NEAR(SpearmanRho(x, y).value.value(), r.values.at("spearman"), 1e-9);
}

} // namespace
} // namespace serval
