#include "serval/Dataset/CohortMatching.h"

#include "Support.h"
#include "serval/Core/Error.h"

#include <gtest/gtest.h>

namespace serval
{
namespace
{

class Matching : public testing::Test
{
protected:
  support::TemporaryFolder folder;
  SiteKey                  key = SiteKey::OpenOrCreate(folder / "key");
  LabelColumns             columns{ "id", "class", "", "", {} };

  static Table TableOf(const std::string & text) { return Table::Parse(text, "labels"); }
  Cohort       Match(const std::string & labels, const std::vector<SeriesCandidate> & series, const Choices & choices = {},
                     JoinBy join = JoinBy::PatientId) const
  {
    return MatchCohort(ReadCohortLabels(TableOf(labels), columns, false), series, join, key, choices);
  }
  std::string Refusal(const std::string & labels) const
  {
    try
    {
      ReadCohortLabels(TableOf(labels), columns, false);
    }
    catch (const Error & e)
    {
      EXPECT_EQ(e.Kind(), Fault::Input);
      return e.what();
    }
    return "nothing was refused";
  }
};

SeriesCandidate Series(const std::string & name, const std::string & patient, const std::string & study, const std::string & time = "20200101")
{
  SeriesCandidate s;
  s.series = "series-" + name;
  s.patientId = patient;
  s.studyUid = study;
  s.seriesUid = "1.2.3." + name;
  s.studyTime = time;
  return s;
}

TEST_F(Matching, EachRowGetsItsSeriesAndNoIdIsShown)
{
  const auto cohort = Match("id,class\nMuster1,a\nMuster2,b\n", { Series("s2", "Muster2", "x"), Series("s1", "Muster1", "y"), Series("s3", "Muster3", "z") });
  ASSERT_EQ(cohort.cases.size(), 2U);
  EXPECT_EQ(cohort.undecided, 0U);
  EXPECT_EQ(cohort.cases[0].series, 1U);
  EXPECT_EQ(cohort.cases[1].series, 0U);
  EXPECT_EQ(cohort.cases[0].id.size(), 13U);
  EXPECT_EQ(cohort.seriesOutcomes[2].status, "unmatched");
  const auto written = cohort.ManifestTable(columns, ".nii.gz").ToText() + cohort.Report().ToText() + cohort.choices.ToText();
  EXPECT_EQ(written.find("Muster"), std::string::npos) << written;
  EXPECT_NE(cohort.Links().ToText().find("Muster1"), std::string::npos);
}

TEST_F(Matching, PseudonymsFollowTheKey)
{
  const auto id = [](const SiteKey & k) {
    return MatchCohort({ { 2, "A", "a", "", "", {}, {} } }, { Series("s", "A", "x") }, JoinBy::PatientId, k, {}).cases.at(0);
  };
  const auto other = SiteKey::OpenOrCreate(folder / "other");
  EXPECT_EQ(id(key).id, id(key).id);
  EXPECT_NE(id(key).id, id(other).id);
  EXPECT_NE(id(key).patient, id(other).patient);
  EXPECT_NE(id(key).patient.substr(1), id(key).id.substr(1));
}

TEST_F(Matching, TwoSeriesOfAStudyWaitForAChoice)
{
  const std::vector<SeriesCandidate> series{ Series("1", "A", "x"), Series("2", "A", "x") };
  const auto                         open = Match("id,class\nA,a\n", series);
  EXPECT_EQ(open.undecided, 1U);
  EXPECT_TRUE(open.cases.empty());
  ASSERT_EQ(open.choices.Rows(), 2U);
  const std::string id = open.choices.At(0, "case");
  const auto        chosen = Match("id,class\nA,a\n", series, { { { id, "series-2" }, true } });
  ASSERT_EQ(chosen.cases.size(), 1U);
  EXPECT_EQ(chosen.cases[0].series, 1U);
  EXPECT_EQ(chosen.undecided, 0U);
  EXPECT_EQ(chosen.seriesOutcomes[0].status, "excluded");
  EXPECT_EQ(chosen.choices.At(1, "use"), "yes") << "a decision is carried along";
  const auto other = Match("id,class\nA,a\n", series, { { { id, "series-2" }, false } });
  ASSERT_EQ(other.cases.size(), 1U) << "one is left";
  EXPECT_EQ(other.cases[0].series, 0U);
  const auto none = Match("id,class\nA,a\n", series, { { { id, "series-1" }, false }, { { id, "series-2" }, false } });
  EXPECT_TRUE(none.cases.empty());
  EXPECT_EQ(none.undecided, 0U);
  EXPECT_EQ(none.labelOutcomes[0].status, "excluded");
  EXPECT_THROW(Match("id,class\nA,a\n", series, { { { id, "series-1" }, true }, { { id, "series-2" }, true } }), Error);
}

TEST_F(Matching, ARowWithoutImagesWaitsAndTellsOfLostZeros)
{
  const auto open = Match("id,class\n7,a\n", { Series("1", "007", "x") });
  EXPECT_EQ(open.undecided, 1U);
  EXPECT_TRUE(open.cases.empty());
  EXPECT_NE(open.labelOutcomes[0].reason.find("leading zeros"), std::string::npos);
  const auto closed = Match("id,class\n7,a\n", { Series("1", "007", "x") }, { { { open.choices.At(0, "case"), "" }, false } });
  EXPECT_EQ(closed.undecided, 0U);
  EXPECT_EQ(closed.labelOutcomes[0].status, "excluded");
}

TEST_F(Matching, AnUnusableSeriesIsNoCandidate)
{
  auto bad = Series("1", "A", "x");
  bad.excluded = "missing-slice: 3";
  EXPECT_EQ(Match("id,class\nA,a\n", { bad, Series("2", "A", "x") }).cases.size(), 1U);
  const auto alone = Match("id,class\nA,a\n", { bad });
  EXPECT_EQ(alone.undecided, 1U);
  EXPECT_EQ(alone.seriesOutcomes[0].status, "excluded");
  ASSERT_EQ(alone.choices.Rows(), 2U) << "the row, and what it has that cannot be used";
  EXPECT_THROW(Match("id,class\nA,a\n", { bad }, { { { alone.choices.At(1, "case"), "series-1" }, true } }), Error);
}

TEST_F(Matching, AChoiceThatFitsNothingIsRefused)
{
  EXPECT_THROW(Match("id,class\nA,a\n", { Series("1", "A", "x") }, { { { "c000000000000", "series-1" }, true } }), Error);
}

TEST_F(Matching, StudiesOfAPatientAreTimePointsByDate)
{
  const auto cohort = Match("id,class\nA,a\nB,b\n", { Series("1", "A", "x", "20210101"), Series("2", "A", "y", "20190101"), Series("3", "B", "z") });
  ASSERT_EQ(cohort.cases.size(), 3U);
  EXPECT_EQ(cohort.cases[0].patient, cohort.cases[1].patient);
  EXPECT_NE(cohort.cases[0].id, cohort.cases[1].id);
  EXPECT_EQ(cohort.cases[0].timePoint, "t2");
  EXPECT_EQ(cohort.cases[1].timePoint, "t1");
  EXPECT_EQ(cohort.cases[2].timePoint, "");
  EXPECT_EQ(cohort.ManifestTable(columns, ".nii").ToText().find("2021"), std::string::npos);
  for (const auto & one : Match("id,class\nA,a\n", { Series("1", "A", "x"), Series("2", "A", "y") }).cases)
    EXPECT_EQ(one.timePoint, "") << "equal dates have no order";
}

TEST_F(Matching, TheInnermostFolderDecides)
{
  auto series = Series("1", "", "x");
  series.folders = { "visit1", "ID-3", "all" };
  EXPECT_EQ(Match("id,class\nID-3,a\n", { series }, {}, JoinBy::Folder).cases.size(), 1U);
  EXPECT_EQ(Match("id,class\nall,b\nvisit1,a\n", { series }, { }, JoinBy::Folder).cases.at(0).label, 1U);
}

TEST_F(Matching, ACaseThatFailsLaterIsTakenOut)
{
  auto cohort = Match("id,class\nA,a\n", { Series("1", "A", "x", "1"), Series("2", "A", "y", "2") });
  cohort.LeaveOut(0, "damaged");
  ASSERT_EQ(cohort.cases.size(), 1U);
  EXPECT_EQ(cohort.labelOutcomes[0].status, "used");
  cohort.LeaveOut(0, "damaged too");
  EXPECT_EQ(cohort.labelOutcomes[0].status, "excluded");
  EXPECT_EQ(cohort.seriesOutcomes[1].reason, "damaged too");
}

TEST_F(Matching, SpellingsOfAClassAreReportedOrMerged)
{
  const std::string text = "ID,Class\n1,Benign\n2,benign \n3,BENIGN\n4,benign\n5,malignant\n6,not sure\n7,not-sure\n";
  const auto        message = Refusal(text);
  for (const char * part : { "'BENIGN' (1)", "'Benign' (1)", "'benign' (2)", "'not sure' (1)", "--mergeClasses" })
    EXPECT_NE(message.find(part), std::string::npos) << message;
  EXPECT_EQ(message.find("malignant"), std::string::npos);
  const auto labels = ReadCohortLabels(TableOf(text), columns, true);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(labels[static_cast<std::size_t>(i)].className, "benign");
}

TEST_F(Matching, RowsThatSayNothingOrTwiceAreExcluded)
{
  const auto labels = ReadCohortLabels(TableOf("id,class\nA,a\nA,a\nB,\n,b\n"), columns, false);
  EXPECT_EQ(labels[1].excluded, "repeats row 2");
  EXPECT_EQ(labels[2].excluded, "no class");
  EXPECT_EQ(labels[3].excluded, "no id");
  EXPECT_NE(Refusal("id,class\nMuster,a\nMuster,b\n").find("rows 2 and 3"), std::string::npos);
  EXPECT_EQ(Refusal("id,class\nMuster,a\nMuster,b\n").find("Muster"), std::string::npos);
}

TEST_F(Matching, AColumnOfNamesIsNoColumnOfClasses)
{
  std::string text = "id,class\n";
  for (int i = 0; i < 30; ++i)
    text += std::to_string(i) + ",Muster" + std::string(static_cast<std::size_t>(i), 'x') + "\n";
  EXPECT_NE(Refusal(text).find("30 different texts in 30 rows"), std::string::npos);
  EXPECT_EQ(Refusal("Muster,classe\n1,2\n").find("Muster"), std::string::npos);
}

TEST_F(Matching, AnEditedChoicesFileIsRead)
{
  support::WriteFile(folder / "c.csv", "case;series;use;note\nc1;series-1;YES;\nc1;series-2;;\nc2;;nein;x\n");
  const auto choices = ReadChoices(folder / "c.csv");
  EXPECT_EQ(choices, (Choices{ { { "c1", "series-1" }, true }, { { "c2", "" }, false } }));
  support::WriteFile(folder / "c.csv", "case,series,use\nc1,series-1,maybe\n");
  EXPECT_THROW(ReadChoices(folder / "c.csv"), Error);
}

TEST(RadiologyWords, NamesStayBehind)
{
  EXPECT_EQ(RadiologyWords("t1_mprage SAG Mustermann 3D (KM)"), "T1 MPRAGE SAG 3D KM");
  EXPECT_EQ(RadiologyWords("Erika^Lunge"), "LUNGE");
}

TEST_F(Matching, TheWayToJoinThatMostLabelsFitIsBest)
{
  auto first = Series("s1", "A", "x"), second = Series("s2", "B", "x");
  first.file = "one";
  second.file = "two";
  second.folders = { "one" };
  const auto rows = [](const std::vector<std::string> & ids) {
    std::vector<CohortLabel> labels;
    for (const auto & id : ids)
      labels.push_back({ labels.size() + 2, id, "a", "", "", {}, {} });
    return labels;
  };
  EXPECT_EQ(CountJoins(rows({ "one", "two", "C" }), { first, second }).best, "file");
  EXPECT_EQ(CountJoins(rows({ "A", "B", "one" }), { first, second }).best, "PatientID");
  EXPECT_EQ(CountJoins(rows({ "C", "" }), { first, second }).best, "") << "an empty id is no match";
}

} // namespace
} // namespace serval
