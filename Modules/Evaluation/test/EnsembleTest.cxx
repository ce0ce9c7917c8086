#include "serval/Evaluation/Ensemble.h"

#include "serval/Core/Text.h"
#include "serval/Evaluation/Metrics.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <cmath>

namespace serval
{
namespace
{

Table Csv(const std::string & text, const std::string & name = "file") { return Table::Parse(text, name); }

const std::string header = "patient,case,unit_id,truth,p_a,p_b,p_c\n";
const std::string first = header + "p1,c1,0,a,0.5,0.3,0.2\np1,c1,1,b,0.2,0.7,0.1\np2,c2,0,c,0.1,0.2,0.7\n";
// The same units in another order, and the classes too.
const std::string second = "truth,unit_id,case,patient,p_c,p_a,p_b\nc,0,c2,p2,0.5,0.25,0.25\nb,1,c1,p1,0.4,0.5,0.1\na,0,c1,p1,0.2,0.4,0.4\n";

std::vector<double> Row(const Table & table, std::size_t row)
{
  std::vector<double> p;
  for (const auto & column : table.Columns())
    if (column.starts_with("p_"))
      p.push_back(table.Number(row, column));
  return p;
}

void ExpectNear(const std::vector<double> & found, const std::vector<double> & expected)
{
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i], expected[i], 1e-12) << i;
}

TEST(Ensemble, MatchesRowsAndClassesByName)
{
  const auto mean = Combine(EnsembleRows({ Csv(first), Csv(second) }), EnsembleRule::Mean, { 1, 1 });
  EXPECT_EQ(mean.Columns(), (std::vector<std::string>{ "patient", "case", "unit", "unit_id", "truth", "p_a", "p_b", "p_c" }));
  ExpectNear(Row(mean, 0), { 0.45, 0.35, 0.2 });
  ExpectNear(Row(mean, 1), { 0.35, 0.4, 0.25 });
  ExpectNear(Row(mean, 2), { 0.175, 0.225, 0.6 });
  EXPECT_EQ(mean.At(2, "patient"), "p2");
  EXPECT_EQ(mean.At(1, "truth"), "b");
  const auto twice = Combine(EnsembleRows({ Csv(first), Csv(second) }), EnsembleRule::Mean, { 2, 1 });
  ExpectNear(Row(twice, 0), { 1.4 / 3, 1.0 / 3, 0.2 });
}

TEST(Ensemble, VotesAndProductsAreDistributions)
{
  const EnsembleRows rows({ Csv(first), Csv(second) });
  ExpectNear(Row(Combine(rows, EnsembleRule::Vote, { 1, 1 }), 1), { 0.5, 0.5, 0 });
  ExpectNear(Row(Combine(rows, EnsembleRule::Vote, { 1, 1 }), 2), { 0, 0, 1 });
  const double a = std::sqrt(0.5 * 0.4), b = std::sqrt(0.3 * 0.4), c = 0.2;
  ExpectNear(Row(Combine(rows, EnsembleRule::Product, { 1, 1 }), 0), { a / (a + b + c), b / (a + b + c), c / (a + b + c) });
  // Models that exclude each other's class leave what remains, and no division by zero.
  const auto sure = Csv(header + "p1,c1,0,a,1,0,0\n"), other = Csv(header + "p1,c1,0,a,0,1,0\n");
  ExpectNear(Row(Combine(EnsembleRows({ sure, other }), EnsembleRule::Product, { 1, 1 }), 0), { 0.5 / (1 + 5e-7), 0.5 / (1 + 5e-7), 5e-7 / (1 + 5e-7) });
}

TEST(Ensemble, OfEqualModelsIsThatModel)
{
  for (const auto rule : { EnsembleRule::Mean, EnsembleRule::Product })
    for (std::size_t row = 0; row < 3; ++row)
      ExpectNear(Row(Combine(EnsembleRows({ Csv(first), Csv(first), Csv(first) }), rule, { 1, 1, 1 }), row), Row(Csv(first), row));
}

TEST(Ensemble, UnequalUnitsAreCountedAndNamed)
{
  const auto shorter = Csv(header + "p1,c1,0,a,0.5,0.3,0.2\np9,c9,0,a,0.5,0.3,0.2\n", "shorter");
  const auto text = support::ErrorText([&] { EnsembleRows({ Csv(first), shorter }); }, Fault::Input);
  support::ExpectHas(text, "2 are only in the first (patient p1, case c1, unit 1; patient p2, case c2, unit 0)");
  support::ExpectHas(text, "1 only in the second (patient p9, case c9, unit 0)");
  support::ExpectHas(support::ErrorText([&] { EnsembleRows({ Csv(first), Csv(first + "p1,c1,0,a,0.5,0.3,0.2\n", "double") }); }, Fault::Input),
                     "double holds patient p1, case c1, unit 0 twice");
  const auto folded = Csv("fold," + header + "1,p1,c1,0,a,0.5,0.3,0.2\n1,p1,c1,1,b,0.2,0.7,0.1\n2,p2,c2,0,c,0.1,0.2,0.7\n");
  support::ExpectHas(support::ErrorText([&] { EnsembleRows({ Csv(first), folded }); }, Fault::Input), "unit 0, fold 1");
  support::ErrorText([&] { EnsembleRows({ Csv(first) }); }, Fault::Usage);
}

TEST(Ensemble, UnequalTruthsAndClassesAreRefused)
{
  auto turned = first;
  turned.replace(turned.find("1,b"), 3, "1,c");
  support::ExpectHas(support::ErrorText([&] { Combine(EnsembleRows({ Csv(first), Csv(turned) }), EnsembleRule::Mean, { 1, 1 }); }, Fault::Input),
                     "differ in the truth of 1 of 3 units (patient p1, case c1, unit 1: b and c)");
  const auto other = Csv("patient,case,unit_id,truth,p_a,p_d\np1,c1,0,a,0.5,0.5\np1,c1,1,b,0.5,0.5\np2,c2,0,c,0.5,0.5\n", "other");
  support::ExpectHas(support::ErrorText([&] { Combine(EnsembleRows({ Csv(first), other }), EnsembleRule::Mean, { 1, 1 }); }, Fault::Input), "other has a, d");
  for (const char * bad : { "p1,c1,0,a,0.5,0.3,nan\n", "p1,c1,0,a,0.5,0.3,0.4\n", "p1,c1,0,a,1.5,-0.3,-0.2\n" })
    support::ErrorText([&] { EnsembleRows({ Csv(header + bad), Csv(header + bad) }); }, Fault::Input);
}

TEST(Ensemble, TakesTheWorstLineageAndTheNamesGiven)
{
  const auto of = [](const std::string & word) { return Csv("patient,case,unit_id,truth,p_a,p_b,lineage,arm,fold,repeat\np,c,0,a,0.5,0.5," + word + ",x,3,1\n"); };
  const auto lineage = [&](std::vector<Table> files) { return EnsembleRows(std::move(files)).Lineage(0); };
  EXPECT_EQ(lineage({ of("clean"), of("transductive") }), "transductive");
  EXPECT_EQ(lineage({ of("not checkable"), of("transductive") }), "not checkable");
  EXPECT_EQ(lineage({ of("clean"), of("clean") }), "clean");
  EXPECT_EQ(lineage({ of("clean"), Csv("patient,case,unit_id,truth,p_a,p_b,fold,repeat\np,c,0,a,0.5,0.5,3,1\n") }), "not checkable");
  const EnsembleRows rows({ of("clean"), of("clean") });
  const auto         table = Combine(rows, EnsembleRule::Mean, { 1, 1 }, { "both", "", "2" });
  EXPECT_EQ(table.ToText(), "patient,case,unit,unit_id,truth,p_a,p_b,lineage,arm,fold,repeat\np,c,patch,0,a,0.5,0.5,clean,both,3,2\n");
}

TEST(Ensemble, IsABaselineWhereAnyModelIs)
{
  const auto of = [](const std::string & columns, const std::string & word) { return Csv("patient,case,unit_id,truth,p_a,p_b" + columns + "\np,c,0,a,0.5,0.5" + word + "\n"); };
  EnsembleRows rows({ of("", ""), of(",baseline", ",shuffled labels") });
  rows.AlignClasses();
  EXPECT_EQ(Combine(rows, EnsembleRule::Mean, { 1, 1 }, {}).ToText(), "patient,case,unit,unit_id,truth,p_a,p_b,baseline\np,c,patch,0,a,0.5,0.5,shuffled labels\n");
  EXPECT_EQ(EnsembleRows({ of("", ""), of("", "") }).Baseline(0), "");
}

TEST(Ensemble, OneFoldMayNotStandForSeveral)
{
  const auto folded = Csv("fold," + header + "1,p1,c1,0,a,0.5,0.3,0.2\n2,p2,c2,0,c,0.1,0.2,0.7\n");
  support::ExpectHas(support::ErrorText([&] { Combine(EnsembleRows({ folded, folded }), EnsembleRule::Mean, { 1, 1 }, { "", "7", "" }); }, Fault::Input),
                     "2 values of fold (1, 2)");
}

// Validation rows of ten patients; model m is right where its bit says so.
Table Validation(const std::vector<bool> & right, double surety)
{
  std::string csv = "patient,case,unit_id,truth,p_a,p_b\n";
  for (std::size_t i = 0; i < right.size(); ++i)
  {
    const bool   isA = i % 2 == 0;
    const double p = isA == right[i] ? surety : 1 - surety;
    csv += Concat("p", i, ",c", i, ",0,", isA ? 'a' : 'b', ',', FormatNumber(p), ',', FormatNumber(1 - p), '\n');
  }
  return Csv(csv);
}

TEST(Ensemble, ForwardSelectionTakesModelsThatCompleteEachOther)
{
  // 0 is wrong on the last two and unsure, 1 right there and sure, 2 is bad.
  const auto good = Validation({ 1, 1, 1, 1, 1, 1, 1, 1, 0, 0 }, 0.7);
  const auto helper = Validation({ 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 }, 0.6);
  const auto bad = Validation({ 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 0.9);
  const auto found = SelectForward(EnsembleRows({ bad, good, helper }));
  EXPECT_EQ(found.counts, (std::vector<int>{ 0, 1, 0 })) << "the mean of good and helper decides as good does";
  EXPECT_EQ(found.scores.size(), 9u);
  EXPECT_NEAR(found.scores.front(), 0.8, 1e-12);
  // One that is sure only where the good one fails.
  std::string csv = "patient,case,unit_id,truth,p_a,p_b\n";
  for (int i = 0; i < 10; ++i)
  {
    const double p = i < 8 ? 0.5 : i % 2 == 0 ? 1 : 0;
    csv += Concat("p", i, ",c", i, ",0,", i % 2 == 0 ? 'a' : 'b', ',', p, ',', 1 - p, '\n');
  }
  const auto both = SelectForward(EnsembleRows({ bad, good, Csv(csv) }));
  EXPECT_EQ(both.counts, (std::vector<int>{ 0, 1, 1 }));
  EXPECT_EQ(both.steps, 2u);
  EXPECT_EQ(both.scores[1], 1);
}

TEST(Ensemble, ForwardSelectionScoresWhatCombineGives)
{
  const std::vector<Table> files{ Validation({ 1, 0, 1, 1, 0, 1, 1, 1, 0, 0 }, 0.7), Validation({ 0, 1, 1, 0, 1, 1, 0, 1, 1, 1 }, 0.65) };
  const auto               found = SelectForward(EnsembleRows(files));
  const auto               table = Csv(Combine(EnsembleRows(files), EnsembleRule::ForwardSelection, found.counts).ToText());
  EXPECT_NEAR(Evaluate(Predictions::From(table, "both"), Metric::MacroF1), found.scores[found.steps - 1], 1e-12);
  EXPECT_GE(found.scores[found.steps - 1], found.scores.front());
}

const std::string detected = "patient,case,unit_id,truth,p_normal,p_polyp\np1,c1,0,normal,0.9,0.1\np2,c2,0,TRUTH,0.2,0.8\n";
const std::string classified = "patient,case,unit_id,truth,p_hyperplasia,p_adenoma\np1,c1,0,normal,0.5,0.5\np2,c2,0,adenoma,0.25,0.75\n";

Table Detected(const std::string & truth)
{
  auto text = detected;
  return Csv(text.replace(text.find("TRUTH"), 5, truth), "detector");
}

TEST(Cascade, MultipliesAndTakesTheFinestTruth)
{
  for (const std::string truth : { "adenoma", "polyp", "" })
  {
    const auto table = Cascade(EnsembleRows({ Detected(truth), Csv(classified) }));
    EXPECT_EQ(table.Columns(), (std::vector<std::string>{ "patient", "case", "unit", "unit_id", "truth", "p_normal", "p_hyperplasia", "p_adenoma" }));
    ExpectNear(Row(table, 0), { 0.9, 0.05, 0.05 });
    ExpectNear(Row(table, 1), { 0.2, 0.2, 0.6 });
    EXPECT_EQ(table.At(0, "truth"), "normal");
    EXPECT_EQ(table.At(1, "truth"), "adenoma") << truth;
  }
}

TEST(Cascade, ContradictionsAndOpenTruthsAreRefused)
{
  const auto refusal = [](const Table & a, const Table & b) { return support::ErrorText([&] { Cascade(EnsembleRows({ a, b })); }, Fault::Input); };
  support::ExpectHas(refusal(Detected("normal"), Csv(classified)), "the truths of 1 of 2 units");
  support::ExpectHas(refusal(Detected("hyperplasia"), Csv(classified)), "'hyperplasia' and 'adenoma'");
  auto open = classified;
  open.replace(open.find(",adenoma,"), 9, ",,");
  support::ExpectHas(refusal(Detected("polyp"), Csv(open)), "'polyp' and ''");
  auto foreign = classified;
  foreign.replace(foreign.find(",adenoma,"), 9, ",lymphoma,");
  support::ExpectHas(refusal(Detected("lymphoma"), Csv(foreign)), "normal, hyperplasia, adenoma");
  support::ExpectHas(refusal(Csv(first), Csv(first)), "two are expected");
  support::ExpectHas(refusal(Detected("normal"), Detected("normal")), "'normal', which is the detector's negative one");
  support::ErrorText([&] { Cascade(EnsembleRows({ Csv(classified), Csv(classified), Csv(classified) })); }, Fault::Usage);
}

} // namespace
} // namespace serval
