#include "Samples.h"
#include "serval/Core/Error.h"
#include "serval/Evaluation/Aggregation.h"
#include "serval/Evaluation/Intervals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace serval
{
namespace
{

std::string MessageOf(const std::string & csv, Unit unit = Unit::Auto)
{
  try
  {
    Predictions::From(Table::Parse(csv, "t.csv"), "t", unit);
  }
  catch (const Error & e)
  {
    EXPECT_EQ(e.Kind(), Fault::Input);
    return e.what();
  }
  return "no error";
}

TEST(Predictions, AreAveragedWhereTheTruthIsThePatients)
{
  const std::string csv = "patient,case,truth,p_a,p_b\n1,1,a,0.9,0.1\n1,2,a,0.3,0.7\n2,3,b,0.2,0.8\n";
  const auto        predictions = Predictions::From(Table::Parse(csv, "t"), "t");
  ASSERT_EQ(predictions.rows.size(), 2U);
  EXPECT_EQ(predictions.unit, Unit::Patient);
  EXPECT_DOUBLE_EQ(predictions.rows[0].probabilities[0], 0.6);
}

TEST(Predictions, StayPatchesWhereTheTruthVaries)
{
  const std::string csv = "patient,case,truth,p_a,p_b,x\n1,1,a,0.9,0.1,7\n1,1,b,0.3,0.7,8\n";
  EXPECT_EQ(Predictions::From(Table::Parse(csv, "t"), "t").unit, Unit::Patch);
  EXPECT_NE(MessageOf(csv, Unit::Patient).find("different truth"), std::string::npos);
}

TEST(Predictions, UnitsAreToldApartByPatientCaseAndId)
{
  const std::string head = "patient,case,unit_id,truth,p_a,p_b\n";
  const auto        read = Predictions::From(Table::Parse(head + "1,x,0,a,1,0\n1,y,0,b,1,0\n2,x,0,a,1,0\n", "t"), "t", Unit::Patch);
  ASSERT_EQ(read.rows.size(), 3U);
  EXPECT_EQ(read.rows[1].unitId, "y/0");
  EXPECT_NE(MessageOf(head + "1,x,0,a,1,0\n1,x,0,b,1,0\n").find("stands twice"), std::string::npos);
  const auto numbered = Predictions::From(Table::Parse("patient,case,truth,p_a,p_b\n1,x,a,1,0\n2,x,b,1,0\n1,x,b,1,0\n", "t"), "t");
  EXPECT_EQ(numbered.rows[1].unitId, "x/#1");
  EXPECT_EQ(numbered.rows[2].unitId, "x/#2");
}

TEST(Predictions, CasesOfEqualNameAreNotMixedBetweenPatients)
{
  const std::string csv = "patient,case,truth,p_a,p_b\n1,x,a,1,0\n1,x,a,0,1\n2,x,a,0,1\n2,y,b,0,1\n";
  EXPECT_EQ(Predictions::From(Table::Parse(csv, "t"), "t", Unit::Case).rows.size(), 3U);
}

TEST(Predictions, RepeatsAreAveragedApart)
{
  const std::string csv = "patient,case,truth,p_a,p_b,repeat\n1,1,a,0.9,0.1,0\n1,2,a,0.7,0.3,0\n1,1,a,0.2,0.8,1\n2,1,b,0.5,0.5,0\n2,1,b,0,1,1\n";
  const auto        read = Predictions::From(Table::Parse(csv, "t"), "t");
  ASSERT_EQ(read.rows.size(), 4U);
  EXPECT_EQ(read.Patients().size(), 2U);
  EXPECT_DOUBLE_EQ(Evaluate(read, Metric::Accuracy), 0.5); // repeat 0: patient 1 only (a tie goes to a); repeat 1: patient 2
}

TEST(Predictions, ArmsAndFoldsAreNotAveraged)
{
  EXPECT_NE(MessageOf("patient,case,truth,p_a,p_b,arm\n1,1,a,1,0,x\n1,1,a,0,1,y\n").find("several arms, 'x' and 'y'"), std::string::npos);
  const std::string head = "patient,case,truth,p_a,p_b,fold,repeat\n";
  EXPECT_NE(MessageOf(head + "1,1,a,1,0,0,0\n1,1,a,0,1,1,0\n").find("in the folds '0' and '1'"), std::string::npos);
  EXPECT_EQ(MessageOf(head + "1,1,a,1,0,0,0\n1,1,a,0,1,1,1\n"), "no error");
}

TEST(Predictions, ClassesAreReordered)
{
  const auto read = Predictions::From(Table::Parse("patient,case,truth,p_a,p_b\n1,1,a,0.9,0.1\n2,1,b,0.3,0.7\n", "t"), "t");
  const auto turned = InClassOrder(read, { "b", "a" });
  EXPECT_EQ(turned.rows[0].truth, 1);
  EXPECT_DOUBLE_EQ(turned.rows[0].probabilities[1], 0.9);
  EXPECT_DOUBLE_EQ(Evaluate(turned, Metric::Accuracy), Evaluate(read, Metric::Accuracy));
  EXPECT_THROW(InClassOrder(read, { "b", "c" }), Error);
}

TEST(Predictions, BadNumbersAreNamed)
{
  const std::string head = "patient,case,truth,p_a,p_b\n";
  EXPECT_NE(MessageOf(head + "1,1,a,0.9,0.3\n").find("sum"), std::string::npos);
  EXPECT_NE(MessageOf(head + "1,c7,a,nan,0.3\n").find("row 1, patient '1', case 'c7': p_a is nan"), std::string::npos);
  EXPECT_NE(MessageOf(head + "1,1,a,1.5,-0.5\n").find("0 to 1"), std::string::npos);
  EXPECT_NE(MessageOf(head + "1,1,c,0.5,0.5\n").find("none of the classes"), std::string::npos);
  EXPECT_NE(MessageOf(head + ",1,a,0.5,0.5\n").find("names no patient"), std::string::npos);
  EXPECT_NE(MessageOf(head).find("no prediction"), std::string::npos);
  EXPECT_NE(MessageOf("patient,case,truth\n1,1,a\n").find("p_<class>"), std::string::npos);
}

TEST(Metrics, AreaIsTheMannWhitneyShare)
{
  const std::vector<double> positives{ 0.9, 0.5 }, negatives{ 0.5, 0.1 };
  EXPECT_DOUBLE_EQ(AreaUnderCurve(positives, negatives), (2 + 0.5 + 1) / 4);
  EXPECT_TRUE(std::isnan(AreaUnderCurve(positives, {})));
}

TEST(Metrics, KnownAccuracies)
{
  const auto p = OneRowEach("m", { { 0.9, 1 }, { 0.8, 1 }, { 0.4, 1 }, { 0.1, 0 } });
  EXPECT_DOUBLE_EQ(Evaluate(p, Metric::Accuracy), 0.75);
  EXPECT_DOUBLE_EQ(Evaluate(p, Metric::BalancedAccuracy), (2.0 / 3 + 1) / 2);
  EXPECT_DOUBLE_EQ(Evaluate(p, Metric::Auc), 1);
  EXPECT_EQ(ConfusionMatrix(p), (std::vector<std::vector<int>>{ { 1, 0 }, { 1, 2 } }));
}

TEST(BootstrapInterval, HoldsTheValueAndKnowsClusters)
{
  const auto patches = Clustered("m", 0.7, 5);
  const auto interval = BootstrapInterval(patches, Metric::Accuracy, {});
  EXPECT_LT(interval.low, interval.value);
  EXPECT_GT(interval.high, interval.value);
  auto independent = patches; // the same rows, each called a patient of its own
  for (auto & row : independent.rows)
    row.patient = row.unitId;
  const auto narrow = BootstrapInterval(independent, Metric::Accuracy, {});
  EXPECT_GT(interval.high - interval.low, 2 * (narrow.high - narrow.low)); // ten equal rows a patient: about 3.2 times
}

TEST(BootstrapInterval, IsTheSameForTheSameSeed)
{
  const auto p = Clustered("m", 0.7, 5);
  EXPECT_EQ(BootstrapInterval(p, Metric::Auc, {}).low, BootstrapInterval(p, Metric::Auc, {}).low);
}

TEST(BootstrapInterval, SamplesWithoutAClassAreDrawnAgainAndCounted)
{
  const auto few = OneRowEach("m", { { 0.9, 1 }, { 0.2, 0 }, { 0.3, 0 }, { 0.95, 0 } });
  const auto interval = BootstrapInterval(few, Metric::Auc, {});
  EXPECT_GE(interval.low, 0);
  EXPECT_LE(interval.high, 1);
  EXPECT_NEAR(interval.redrawn / (2000.0 + interval.redrawn), std::pow(0.75, 4) + std::pow(0.25, 4), 0.03);
  EXPECT_EQ(BootstrapInterval(few, Metric::Accuracy, {}).redrawn, 0);
  const auto none = BootstrapInterval(OneRowEach("m", { { 0.9, 1 }, { 0.2, 1 } }), Metric::Auc, {});
  EXPECT_TRUE(std::isnan(none.value) && std::isnan(none.low) && std::isnan(none.high));
}

TEST(ConfusionIntervals, HoldTheSharesAndSumToOne)
{
  const auto p = Clustered("m", 0.7, 5);
  const auto counts = ConfusionMatrix(p);
  const auto shares = ConfusionIntervals(p, {});
  const auto accuracy = BootstrapInterval(p, Metric::Accuracy, {});
  for (std::size_t truth = 0; truth < 3; ++truth)
  {
    double sum = 0;
    for (std::size_t c = 0; c < 3; ++c)
    {
      sum += shares[truth][c].value;
      EXPECT_NEAR(shares[truth][c].value, counts[truth][c] / double(counts[truth][0] + counts[truth][1] + counts[truth][2]), 1e-12);
      EXPECT_LE(shares[truth][c].low, shares[truth][c].value);
      EXPECT_GE(shares[truth][c].high, shares[truth][c].value);
    }
    EXPECT_NEAR(sum, 1, 1e-12);
    EXPECT_NEAR(shares[truth][truth].low, accuracy.low, 1e-12); // a patient is right in all its patches, or in none
  }
  EXPECT_TRUE(std::isnan(ConfusionIntervals(OneRowEach("m", { { 0.9, 1 }, { 0.2, 1 } }), {})[0][0].value));
}

TEST(BootstrapInterval, CoversTheTruthAboutAsOftenAsItSays)
{
  int covered = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed)
  {
    const auto interval = BootstrapInterval(Clustered("m", 0.7, seed, 60, 3), Metric::Accuracy, { 400, 0.95, seed });
    covered += interval.low <= 0.7 && 0.7 <= interval.high;
  }
  EXPECT_GE(covered, 178);
  EXPECT_LE(covered, 199);
}

TEST(Aggregation, FollowsItsRule)
{
  const std::vector<std::vector<double>> parts{ { 0.6, 0.4 }, { 0.9, 0.1 }, { 0.2, 0.8 } };
  EXPECT_NEAR(Aggregate(parts, Aggregation::Mean)[1], 1.3 / 3, 1e-12);
  EXPECT_NEAR(Aggregate(parts, Aggregation::Max)[1], 0.8 / 1.7, 1e-12);
  EXPECT_NEAR(Aggregate(parts, Aggregation::Vote)[1], 1.0 / 3, 1e-12);
  EXPECT_NEAR(Aggregate(parts, Aggregation::NoisyOr)[1], 1 - 0.6 * 0.9 * 0.2, 1e-12);
  EXPECT_NEAR(Aggregate(parts, Aggregation::NoisyOr)[0], 0.6 * 0.9 * 0.2, 1e-12);
  EXPECT_THROW(Aggregate({}, Aggregation::Mean), Error);
  EXPECT_THROW(AggregationFrom("average"), Error);
}

} // namespace
} // namespace serval
