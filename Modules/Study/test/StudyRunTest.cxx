#include "StudyPhantom.h"

#include "serval/Core/FolderLock.h"
#include "serval/Study/Replay.h"

namespace serval
{
namespace
{

class StudyRuns : public StudyPhantom
{
protected:
  NoProgress quiet;

  // Cells of small shell commands.
  static Cell Shell(const std::string & id, const std::string & script, std::vector<std::string> needs, std::vector<std::filesystem::path> outputs)
  {
    return { id, { { "/bin/sh", "-c", script } }, std::move(needs), std::move(outputs), {}, {} };
  }
};

TEST_F(StudyRuns, CellsRunInOrderOnceAndGoOnAfterAFailure)
{
  const std::string a = (folder / "a").string(), b = (folder / "b").string(), gate = (folder / "gate").string();
  StudyPlan         plan;
  plan.cells = { Shell("first", "echo run >> " + a, {}, { a }), Shell("second", "test -e " + gate + " && cp " + a + " " + b, { "first" }, { b }),
                 Shell("third", "true", { "second" }, {}) };
  auto outcomes = RunCells(plan, folder.Path(), 2, quiet);
  EXPECT_EQ(outcomes.at("first").state, CellState::Done);
  EXPECT_EQ(outcomes.at("second").state, CellState::Failed);
  EXPECT_NE(outcomes.at("third").reason.find("needs second"), std::string::npos);
  support::WriteFile(gate, "");
  outcomes = RunCells(plan, folder.Path(), 2, quiet);
  EXPECT_EQ(outcomes.at("third").state, CellState::Done);
  EXPECT_EQ(support::ReadFile(a), "run\n"); // the first cell did not run again
  plan.cells[0].commands[0][2] += " # changed";
  RunCells(plan, folder.Path(), 2, quiet);
  EXPECT_EQ(support::ReadFile(b), "run\nrun\n"); // it, and what needs it, did
}

TEST_F(StudyRuns, AFailureIsToldAtOnce)
{
  struct : Progress
  {
    std::vector<std::string> lines;
    void                     Report(double, std::string_view comment) override { lines.emplace_back(comment); }
  } heard;
  StudyPlan plan;
  plan.cells = { Shell("bad", "false", {}, {}), Shell("needy", "true", { "bad" }, {}), Shell("good", "true", {}, {}) };
  RunCells(plan, folder.Path(), 1, heard);
  EXPECT_EQ(heard.lines, (Words{ "2 of 3 cells, 2 failed, last bad", "3 of 3 cells, 2 failed, last good" }));
}

TEST_F(StudyRuns, AChangedInputRunsAgainWhatReadsIt)
{
  const std::string a = (folder / "a").string();
  StudyPlan         plan;
  plan.cells = { Shell("reads", "echo run >> " + a, {}, { a }) };
  plan.cells[0].reads = { folder / "m.csv" };
  RunCells(plan, folder.Path(), 1, quiet);
  RunCells(plan, folder.Path(), 1, quiet);
  EXPECT_EQ(support::ReadFile(a), "run\n");
  support::WriteFile(folder / "m.csv", "longer than before, in another version of the file");
  RunCells(plan, folder.Path(), 1, quiet);
  EXPECT_EQ(support::ReadFile(a), "run\nrun\n");
}

TEST_F(StudyRuns, AMovedStudyIsNotRunAgain)
{
  namespace fs = std::filesystem;
  const auto planIn = [&](const std::string & where) {
    const fs::path home = folder / where, study = home / "study", data = home / "data" / "m.nrrd";
    StudyPlan      plan;
    plan.files["cases.csv"] = "case,image\nm," + data.lexically_proximate(study).string() + "\n";
    plan.cells = { { "reads", { { "/bin/sh", "-c", "cat \"$1\" \"$0\" >> \"$2\"", data.string(), (study / "cases.csv").string(), (study / "out").string() } }, {}, { study / "out" }, {}, { data } } };
    return plan;
  };
  for (const char * part : { "old/data", "old/study" })
    fs::create_directories(folder / part);
  support::WriteFile(folder / "old/data/m.nrrd", "voxels");
  EXPECT_EQ(RunCells(planIn("old"), folder / "old/study", 1, quiet).at("reads").state, CellState::Done);
  fs::rename(folder / "old", folder / "new");
  EXPECT_EQ(StatesOf(planIn("new"), folder / "new/study").at("reads").state, CellState::Done);
  support::WriteFile(folder / "new/data/m.nrrd", "other voxels");
  EXPECT_EQ(StatesOf(planIn("new"), folder / "new/study").at("reads").state, CellState::Open);
}

TEST_F(StudyRuns, AFailureTellsItsLastWords)
{
  StudyPlan plan;
  plan.cells = { Shell("bad", "echo the reason >&2; exit 3", {}, {}) };
  EXPECT_EQ(RunCells(plan, folder.Path(), 1, quiet).at("bad").reason, "exit code 3: the reason");
  plan.cells = { Shell("many", "echo 10%; echo 'ServalExtractPatches: 99 problems' >&2; for i in $(seq 99); do echo case $i >&2; done; exit 3", {}, {}) };
  const auto many = RunCells(plan, folder.Path(), 1, quiet).at("many").reason;
  EXPECT_TRUE(many.starts_with("exit code 3: ServalExtractPatches: 99 problems\ncase 1\n")) << many;
  EXPECT_TRUE(many.ends_with(" ...") && many.size() < 530) << many;
  plan.cells = { Shell("long", "printf '%0999d' 0; echo end >&2; exit 1", {}, {}) };
  const auto longer = RunCells(plan, folder.Path(), 1, quiet).at("long").reason;
  EXPECT_TRUE(longer.starts_with("exit code 1: ... 00") && longer.ends_with("end")) << longer;
}

TEST_F(StudyRuns, OneRunWorksInAFolderAtATime)
{
  StudyPlan plan;
  plan.cells = { Shell("one", "true", {}, {}) };
  {
    const FolderLock other(folder.Path());
    support::ExpectHas(support::ErrorText([&] { RunCells(plan, folder.Path(), 1, quiet); }, Fault::Environment), "another run works in");
  }
  EXPECT_EQ(RunCells(plan, folder.Path(), 1, quiet).at("one").state, CellState::Done);
}

TEST_F(StudyRuns, ReplayComparesBitsAndPutsTheOldOnesBack)
{
  const std::string same = (folder / "same").string(), other = (folder / "other").string();
  StudyPlan         plan;
  plan.cells = { Shell("steady", "printf constant > " + same, {}, { same }), Shell("changing", "date +%N > " + other, {}, { other }) };
  EXPECT_THROW(ReplayCell(plan, folder.Path(), "steady", quiet), Error); // not done yet
  RunCells(plan, folder.Path(), 1, quiet);
  const auto steady = ReplayCell(plan, folder.Path(), "steady", quiet);
  ASSERT_EQ(steady.size(), 1U);
  EXPECT_TRUE(steady[0].isEqual);
  const auto before = support::ReadFile(other);
  const auto changing = ReplayCell(plan, folder.Path(), "changing", quiet);
  EXPECT_FALSE(changing[0].isEqual);
  EXPECT_NE(changing[0].difference.find("byte"), std::string::npos);
  EXPECT_EQ(support::ReadFile(other), before);
  EXPECT_EQ(StatesOf(plan, folder.Path()).at("changing").state, CellState::Done);
  EXPECT_FALSE(std::filesystem::exists(other + ".before"));
}

class StudyOutcomes : public StudyPhantom
{
protected:
  /// Predictions of every run; the arm "tuned" is always right, others err in the first patch of every patient and in the
  /// second of every other one.
  void Predict(const StudyPlan & plan)
  {
    for (const auto & result : plan.results)
    {
      std::filesystem::create_directories(result.predictions.parent_path());
      std::string table = "patient,case,unit_id,truth,p_a,p_b,lineage,repeat,fold\n";
      int         number = 0;
      for (const auto & patient : Patients(plan, plan.targets[0].resamples.size() > 2 ? Concat("test-r", result.repeat, "-f", result.fold) : "test"))
      {
        const int wrong = 1 + number++ % 2;
        for (int patch = 0; patch < 8; ++patch)
        {
          const bool right = result.arm.starts_with("tuned") || patch >= wrong;
          const bool truth = patch % 2;
          table += Concat(patient, ",c,", patch, ",", truth ? "b" : "a", ",", truth == right ? "0.1,0.9" : "0.9,0.1", ",clean,", result.repeat, ",", result.fold, "\n");
        }
      }
      support::WriteFile(result.predictions, table);
    }
  }
  StudyResults Results(const StudyFile & study)
  {
    const auto plan = Plan(study);
    Predict(plan);
    NoProgress quiet;
    return GatherResults(study, plan, StatesOf(plan, folder / "out"), quiet);
  }
};

TEST_F(StudyOutcomes, TheVerdictNamesArmsOfASweepTogether)
{
  WriteManifest(40, "");
  auto study = Read(With(With(goodStudy, "testPatients = 5", "testPatients = 20"), "source = \"thresholds\"\n[[arm]]", "source = \"thresholds\"\nsweep = { freeze = [\"upto:encoder1\", \"upto:encoder2\"] }\n[[arm]]"));
  study.trainPatients = { 2 };
  const auto results = Results(study);
  EXPECT_NE(results.Verdict(study).find("2 of 2 arms tuned are better than scratch with 2 training patients"), std::string::npos) << results.Verdict(study);
}

TEST_F(StudyOutcomes, NamedPairsAreComparedBesideTheBaselines)
{
  auto study = Read(With(goodStudy, "baselines = [\"scratch\"]", "baselines = [\"scratch\"]\npairs = [\"features against tuned\"]"));
  study.trainPatients = { 2 };
  const auto results = Results(study);
  ASSERT_EQ(results.tests.size(), 3U);
  const auto named = std::find_if(results.tests.begin(), results.tests.end(), [](const auto & test) { return test.test.a == "features" && test.test.b == "tuned"; });
  ASSERT_NE(named, results.tests.end());
  EXPECT_LT(named->test.difference, 0);
}

TEST_F(StudyOutcomes, AreGatheredOverRepeats)
{
  WriteManifest(40, "");
  auto study = Read(With(goodStudy, "testPatients = 5", "testPatients = 20"));
  study.trainPatients = { 2 };
  const auto results = Results(study);
  ASSERT_EQ(results.arms.size(), 3U);
  EXPECT_NEAR(results.arms[0].scores.at("accuracy").value, 130.0 / 160, 1e-12);
  EXPECT_EQ(results.arms[0].runs, 2);
  EXPECT_EQ(results.arms[1].scores.at("accuracy").value, 1);
  ASSERT_EQ(results.tests.size(), 2U); // tuned and features against scratch
  EXPECT_NEAR(results.tests[0].test.difference, 30.0 / 160, 1e-12);
  EXPECT_EQ(results.tests[0].test.name, "bootstrap"); // the same test patients in several repeats
  EXPECT_EQ(results.tests[1].test.p, 1);
  ASSERT_EQ(results.rankings.size(), 1U);
  EXPECT_EQ(results.rankings[0].ranking.models[1].rank, 1);
  EXPECT_EQ(results.cases.size(), 3U * 20 * 8);
  EXPECT_NE(results.Verdict(study).find("tuned is better than scratch"), std::string::npos) << results.Verdict(study);
  EXPECT_EQ(results.ToTable().Rows(), 3U * 2);
  const auto summary = SummaryInMarkdown(study, results, { { "scratch-n2-r0", { CellState::Done, "", 1800 } }, { "scratch-n2-r1", {} } });
  EXPECT_NE(summary.find("| tuned | 1.000"), std::string::npos) << summary;
  EXPECT_NE(summary.find("| 2 | tuned is better than scratch"), std::string::npos) << summary;
  EXPECT_NE(summary.find("Shown in 1 of 2 comparisons"), std::string::npos) << summary;
  EXPECT_NE(summary.find("1 of 2 cells are done; they took 0.50 hours"), std::string::npos) << summary;
}

// By hand: of patch 0 the mean of b is 0.567, and repeat 1 is nearest; of patch 1 it is 0.343, and repeat 2 alone decides so.
TEST_F(StudyOutcomes, AUnitNamesTheRepeatThatIsNearestToItsMean)
{
  WriteManifest(40, "");
  auto study = Read(With(With(goodStudy, "testPatients = 5", "testPatients = 20"), "repeats = 2", "repeats = 3"));
  study.trainPatients = { 2 };
  const auto plan = Plan(study);
  const double ofB[2][3]{ { 0.9, 0.6, 0.2 }, { 0.51, 0.52, 0 } };
  for (const auto & result : plan.results)
  {
    std::string table = "patient,case,unit_id,truth,p_a,p_b,lineage,repeat,fold\n";
    for (int unit = 0, patch = 0; unit < 40; patch = ++unit % 2)
      table += Concat("p", 10 + unit / 2, ",c,", patch, ",", patch ? "a" : "b", ",", 1 - ofB[patch][result.repeat], ",", ofB[patch][result.repeat], ",clean,", result.repeat, ",0\n");
    std::filesystem::create_directories(result.predictions.parent_path());
    support::WriteFile(result.predictions, table);
  }
  NoProgress quiet;
  const auto results = GatherResults(study, plan, StatesOf(plan, folder / "out"), quiet);
  ASSERT_GE(results.cases.size(), 2U);
  EXPECT_EQ(results.cases[0].decision, "b");
  EXPECT_EQ(results.cases[0].repeat, "1");
  EXPECT_NEAR(results.cases[0].ofRepeat[1], 0.6, 1e-12);
  EXPECT_EQ(results.cases[1].decision, "a");
  EXPECT_EQ(results.cases[1].repeat, "2");
}

TEST_F(StudyOutcomes, ASmallPIsAsFineAsItsCorrectionNeeds)
{
  WriteManifest(40, "");
  auto study = Read(With(goodStudy, "testPatients = 5", "testPatients = 20"));
  study.trainPatients = { 2 };
  const double coarse = Results(study).tests[0].test.p;
  study.alpha = 0.004; // 10,000 samples in place of 5000
  const double fine = Results(study).tests[0].test.p;
  ASSERT_LT(coarse, study.alpha);
  EXPECT_NE(fine, coarse);
  EXPECT_NEAR(fine, coarse, 0.002);
}

TEST_F(StudyOutcomes, FoldsAreTestedByNadeauAndBengio)
{
  WriteManifest(40, "ab");
  const auto study = Read(With(With(goodStudy, "testPatients = 5", "resampling = \"k-fold\"\nfolds = 4\nsameFolds = true"), "[2, 6]", "[6]"));
  const auto results = Results(study);
  ASSERT_EQ(results.tests.size(), 2U);
  EXPECT_EQ(results.tests[0].test.name, "nadeau-bengio");
  EXPECT_EQ(results.variances.size(), 3U);
  EXPECT_EQ(results.arms[0].testPatients, 40U);
}

TEST_F(StudyOutcomes, ArmsWithMissingRunsAreShownButNotCompared)
{
  const auto study = Read(With(goodStudy, "controls = []", "controls = [\"size-only\"]"));
  const auto plan = Plan(study);
  Predict(plan);
  std::filesystem::remove(folder / "out/cells/tuned-n6-r1/predictions.csv");
  NoProgress quiet;
  const auto results = GatherResults(study, plan, StatesOf(plan, folder / "out"), quiet);
  EXPECT_EQ(results.Find("target", "tuned", 6)->missingRuns, 1);
  for (const auto & test : results.tests)
    EXPECT_FALSE(test.size == 6 && test.test.a == "tuned");
}

TEST_F(StudyOutcomes, WhatSizeExplainsIsFlagged)
{
  const auto study = Read(With(With(goodStudy, "controls = []", "controls = [\"size-only\"]"), "name = \"tuned\"", "name = \"careful\""));
  const auto results = Results(study);
  EXPECT_NE(Join(results.warnings, "\n").find("geometry and a summary of intensities may be all that is learned"), std::string::npos) << Join(results.warnings, "\n");
}

TEST_F(StudyOutcomes, ABetterArmThanTheSizeOnlyBaselineIsNotFlagged)
{
  const auto results = Results(Read(With(goodStudy, "controls = []", "controls = [\"size-only\"]")));
  EXPECT_EQ(Join(results.warnings, "\n").find("may be all that is learned"), std::string::npos) << Join(results.warnings, "\n");
}

} // namespace
} // namespace serval
