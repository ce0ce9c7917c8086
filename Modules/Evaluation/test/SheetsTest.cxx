#include "Samples.h"
#include "serval/Core/Error.h"
#include "serval/Evaluation/ComparisonSheet.h"
#include "serval/Evaluation/ScoreSheet.h"

#include <gtest/gtest.h>

#include <cmath>

namespace serval
{
namespace
{

// Three models of falling skill.
std::vector<Predictions> Models()
{
  return { Clustered("good", 0.95, 1, 40), Clustered("middling", 0.6, 2, 40), Clustered("poor", 0.2, 3, 40) };
}

TEST(Ranking, IsStableForModelsThatDiffer)
{
  const auto ranking = BootstrapRanking(Models(), Metric::Accuracy, {});
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(ranking.models[i].rank, double(i + 1));
  EXPECT_GT(ranking.tau, 0.9);
  EXPECT_GT(ranking.models[0].firstShare, 0.99);
  double shares = 0;
  for (const auto & model : ranking.models)
  {
    shares += model.firstShare;
    EXPECT_LE(model.low, model.rank);
    EXPECT_GE(model.high, model.rank);
  }
  EXPECT_NEAR(shares, 1, 1e-9);
}

TEST(Ranking, OfEqualModelsTellsNothing)
{
  const auto model = Clustered("m", 0.7, 1);
  const auto ranking = BootstrapRanking({ model, model }, Metric::Accuracy, {});
  EXPECT_TRUE(std::isnan(ranking.tau));
  EXPECT_EQ(ranking.models[0].rank, 1.5);
  EXPECT_NEAR(ranking.models[0].firstShare, 0.5, 1e-9);
  EXPECT_THROW(BootstrapRanking({ model }, Metric::Accuracy, {}), Error);
}

TEST(Ranking, WaysAgreeOrNot)
{
  const auto ways = RankingWays(Models(), { Metric::Accuracy, Metric::LogLoss });
  ASSERT_EQ(ways.size(), 4U); // each also by mean ranks over patients
  const auto taus = Agreement(ways);
  for (const auto & row : taus)
    for (const double tau : row)
      EXPECT_NEAR(tau, 1, 1e-12);
}

TEST(ScoreSheet, HoldsEveryMetricInEveryForm)
{
  NoProgress progress;
  const auto sheet = ScoreSheet::Of(Models()[1], { 200 }, progress);
  EXPECT_EQ(sheet.scores.size(), 13U + 3 * 6);
  const auto text = sheet.ToText(), latex = sheet.ToLatex(), words = sheet.InWords();
  const auto table = sheet.ToTable();
  for (const auto & score : sheet.scores)
  {
    EXPECT_NE(text.find(ToText(score.metric)), std::string::npos);
    EXPECT_TRUE(!std::isfinite(score.interval.value) || score.interval.low <= score.interval.high) << ToText(score.metric);
  }
  EXPECT_EQ(table.Rows(), sheet.scores.size()); // rows of a patient are not independent: nothing further
  EXPECT_NE(latex.find("\\begin{tabular}"), std::string::npos);
  EXPECT_NE(words.find("does better than always saying it"), std::string::npos) << words;
  EXPECT_NE(sheet.ToJson().find("\"ofClass\""), std::string::npos);
  EXPECT_EQ(LatexEscaped("a_b & 5%"), "a\\_b \\& 5\\%");
}

TEST(ScoreSheet, SaysWhatWasNotShown)
{
  NoProgress progress;
  const auto words = ScoreSheet::Of(OneRowEach("m", { { 0.9, 1 }, { 0.2, 1 }, { 0.4, 0 }, { 0.6, 0 }, { 0.7, 1 }, { 0.3, 0 } }), { 200 }, progress).InWords();
  EXPECT_NE(words.find("not shown"), std::string::npos) << words;
  EXPECT_NE(words.find("fewer than 30 patients"), std::string::npos) << words;
}

TEST(Subgroups, AreScoredApart)
{
  const auto               p = OneRowEach("m", { { 0.9, 1 }, { 0.8, 1 }, { 0.1, 0 }, { 0.2, 1 }, { 0.7, 0 }, { 0.9, 1 } });
  std::vector<std::string> sites{ "a", "a", "a", "b", "b", "b" };
  const auto               groups = Subgroups(p, "site", sites, {});
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].accuracy.value, 1);
  EXPECT_NEAR(groups[1].accuracy.value, 1 / 3.0, 1e-12);
  EXPECT_EQ(groups[1].patients, 3U);
}

// A model that heeds a mark which stands for the class at one site only: right there, and by chance elsewhere.
TEST(Subgroups, ShowAPlantedShortcut)
{
  std::mt19937_64                     random(8);
  std::vector<std::pair<double, int>> scores, marked;
  std::vector<std::string>            sites;
  for (int i = 0; i < 200; ++i)
  {
    const bool atSite = i % 2 == 0;
    const int  truth = static_cast<int>(random() >> 63);
    scores.emplace_back(atSite ? (truth ? 0.95 : 0.05) : Uniform01(random), truth);
    marked.emplace_back(0.95, truth); // the mark in every image
    sites.push_back(atSite ? "marked" : "clean");
  }
  const auto groups = Subgroups(OneRowEach("m", scores), "site", sites, {});
  EXPECT_LT(groups[0].accuracy.high, groups[1].accuracy.low);
  const auto before = OneRowEach("m", scores), after = OneRowEach("m", marked);
  EXPECT_GT(ChangedDecisions(before, after), 0.4);
  EXPECT_LT(BootstrapTest(before, after, {}).p, 0.01);
}

TEST(ComparisonSheet, ChoosesTheTestOfTheDesign)
{
  NoProgress progress;
  const auto sheet = ComparisonSheet::Of(Models(), { "auto" }, {}, Correction::Holm, true, progress);
  ASSERT_EQ(sheet.tests.size(), 3U);
  EXPECT_EQ(sheet.tests[0].name, "permutation");
  EXPECT_TRUE(std::isfinite(sheet.tests[0].low));
  EXPECT_NE(sheet.InWords().find("accuracy is better for 'good' than for 'poor'"), std::string::npos) << sheet.InWords();
  EXPECT_NE(sheet.ToText().find("best in"), std::string::npos);
  EXPECT_EQ(sheet.ToTable().Rows(), 3U);
  EXPECT_NE(sheet.ToLatex().find("good - poor"), std::string::npos);
}

TEST(ComparisonSheet, OfScoresIsFriedmansAndWilcoxons)
{
  const auto sheet = ComparisonSheet::OfTable(Table::Parse("dataset,a,b,c\nx,1,2,3\ny,1,2,3\nz,1,3,2\nw,1,2,3\n", "t"), false, 0.05, Correction::BenjaminiHochberg);
  EXPECT_NEAR(sheet.datasets->friedman.meanRanks[0], 3, 1e-12);
  EXPECT_EQ(sheet.tests.size(), 3U);
  const auto losses = ComparisonSheet::OfTable(Table::Parse("dataset,a,b,c\nx,1,2,3\ny,1,2,3\nz,1,3,2\nw,1,2,3\n", "t"), true, 0.05, Correction::None);
  EXPECT_NEAR(losses.datasets->friedman.meanRanks[0], 1, 1e-12);
  EXPECT_THROW(ComparisonSheet::OfTable(Table::Parse("dataset,a,b\nx,1,nought\ny,1,2\n", "t"), false, 0.05, Correction::Holm), Error);
  EXPECT_THROW(ComparisonSheet::OfTable(Table::Parse("dataset,a,b\nx,1,2\n", "t"), false, 0.05, Correction::Holm), Error);
  EXPECT_THROW(CorrectionFrom("bonferroni"), Error);
}

} // namespace
} // namespace serval
