#include "StudyPhantom.h"

#include "serval/Study/Finish.h"
#include "serval/Study/Forecast.h"

namespace serval
{
namespace
{

class StudyPlans : public StudyPhantom
{};

TEST_F(StudyPlans, TestPatientsNeverTrainAndSizesAreNested)
{
  const auto plan = Plan(Read(goodStudy));
  const auto test = Patients(plan, "test");
  EXPECT_EQ(test.size(), 5U);
  for (const char * repeat : { "r0", "r1" })
  {
    const auto few = Patients(plan, Concat("train-n2-", repeat)), many = Patients(plan, Concat("train-n6-", repeat));
    EXPECT_EQ(few.size(), 2U);
    EXPECT_EQ(many.size(), 6U);
    EXPECT_TRUE(std::includes(many.begin(), many.end(), few.begin(), few.end()));
    for (const auto & patient : many)
      EXPECT_FALSE(test.contains(patient));
  }
  EXPECT_NE(Patients(plan, "train-n6-r0"), Patients(plan, "train-n6-r1"));
}

TEST_F(StudyPlans, SourcesSeeTrainingPatientsOnly)
{
  const auto plan = Plan(Read(goodStudy));
  for (const auto & patient : Patients(plan, "test"))
    EXPECT_EQ(plan.files.at("cases-thresholds.csv").find("," + patient + ","), std::string::npos);
}

TEST_F(StudyPlans, TransductiveSourcesSeeAllAndAreTrainedOnceARepeat)
{
  const auto plan = Plan(Read(With(goodStudy, "labels = \"threshold\"", "labels = \"threshold\"\ntransductive = true")));
  for (const auto & patient : Patients(plan, "test"))
    EXPECT_NE(plan.files.at("cases-thresholds.csv").find("," + patient + ","), std::string::npos);
  EXPECT_EQ(std::count_if(plan.cells.begin(), plan.cells.end(), [](const Cell & cell) { return cell.id.starts_with("pretrain-"); }), 2);
  EXPECT_EQ(Value(plan.At("pretrain-thresholds-r1").commands[0], "--patients"), folder / "out/lists/everyone-r1.txt");
}

TEST_F(StudyPlans, ArmsDifferInNothingButTheirStrategy)
{
  const auto plan = Plan(Read(goodStudy));
  const auto scratch = plan.At("scratch-n2-r1"), tuned = plan.At("tuned-n2-r1");
  for (const char * option : { "--seed", "--patients", "--cache", "--steps" })
    EXPECT_EQ(Value(scratch.commands[0], option), Value(tuned.commands[0], option)) << option;
  EXPECT_EQ(Value(tuned.commands[0], "--source"), folder / "out/cells/pretrain-thresholds-n2-r1/model.safetensors");
  EXPECT_EQ(plan.At("features-n2-r1").commands.size(), 2U);
  EXPECT_TRUE(plan.At("features-n2-r1").needs == (Words{ "extract-target", "features-thresholds-n2-r1" }));
  EXPECT_EQ(plan.results.size(), 3U * 2 * 2);
}

TEST_F(StudyPlans, AnArmWithTheNameOfAStepIsRefused)
{
  const auto study = Read(With(goodStudy, "name = \"features\"", "name = \"features-thresholds\""));
  EXPECT_THROW(Plan(study), Error);
}

TEST_F(StudyPlans, CachesArePacked)
{
  const auto plan = Plan(Read(goodStudy));
  EXPECT_EQ(plan.At("extract-target").commands.back(), (Words{ "/modules/ServalManageCache", "pack", folder / "out/target.cache" }));
}

TEST_F(StudyPlans, EveryCellStandsBehindThoseItNeeds)
{
  WriteManifest(40, "abc");
  const auto plan = Plan(Read(With(With(goodStudy, "testPatients = 5", "resampling = \"k-fold\"\nfolds = 3\nvalidation = 0.2\nminimumPerClass = 1"), "controls = []", "controls = [\"majority\", \"size-only\", \"shuffled-labels\"]") + R"(
[[arm]]
name = "both"
strategy = "ensemble"
rule = "forward-selection"
of = ["scratch", "tuned"]
[[arm]]
name = "student"
strategy = "scratch"
teachers = ["scratch", "tuned"]
[[arm]]
name = "student-of-both"
strategy = "scratch"
teachers = ["both"]
[[arm]]
name = "steps"
strategy = "cascade"
source = "thresholds"
negative = "a"
)"));
  std::set<std::string> before;
  for (const auto & cell : plan.cells)
  {
    for (const auto & need : cell.needs)
      EXPECT_TRUE(before.contains(need)) << cell.id << " needs " << need;
    EXPECT_TRUE(before.insert(cell.id).second) << cell.id;
    for (const auto & command : cell.commands)
      EXPECT_TRUE(command.front().starts_with("/modules/Serval")) << command.front();
  }
  EXPECT_EQ(plan.results.size(), 10U * 2 * 2 * 3);
  const auto both = plan.At("both-n6-r1-f2").commands[0];
  EXPECT_EQ(std::count(both.begin(), both.end(), "--validation"), 2);
  EXPECT_TRUE(Has(plan.At("shuffled-labels-n2-r0-f0").commands[0], "--shuffledLabels"));
  const auto student = plan.At("student-n2-r0-f0").commands[0];
  EXPECT_EQ(std::count(student.begin(), student.end(), "--teachers"), 2);
  const auto distilled = plan.At("student-of-both-n2-r0-f0").commands[0];
  EXPECT_EQ(std::count(distilled.begin(), distilled.end(), "--teachers"), 2);
  EXPECT_EQ(Value(distilled, "--teacherTimes"), Value(plan.At("both-n2-r0-f0").commands[0], "--chosen"));
  EXPECT_EQ(Value(plan.At("steps-n2-r0-f0").commands[0], "--joinClasses"), "positive=b+c");
  EXPECT_EQ(Value(plan.At("scratch-n6-r0-f0").commands[0], "--validation"), folder / "out/lists/validation-n6-r0-f0.txt");
}

TEST_F(StudyPlans, FeaturesOffTheShelfMayComeFromATrainedArm)
{
  const auto plan = Plan(Read(goodStudy + "[[arm]]\nname = \"tuned-svm\"\nstrategy = \"off-the-shelf\"\nof = [\"tuned\"]\n"));
  const auto features = plan.At("features-of-tuned-n2-r1"), svm = plan.At("tuned-svm-n2-r1");
  EXPECT_EQ(Value(features.commands[0], "--model"), folder / "out/cells/tuned-n2-r1/model.safetensors");
  EXPECT_TRUE(std::find(features.needs.begin(), features.needs.end(), "tuned-n2-r1") != features.needs.end());
  EXPECT_EQ(Value(svm.commands[0], "--model"), folder / "out/cells/tuned-n2-r1/model.safetensors");
  EXPECT_NE(MessageOf("[[arm]]\nname = \"features\"", "[[arm]]\nname = \"svm\"\nstrategy = \"off-the-shelf\"\nof = [\"scratch\", \"tuned\"]\n[[arm]]\nname = \"features\"").find("features come from one trained arm"),
            std::string::npos);
}

const std::string joinedStudy = goodStudy + R"(
[[source]]
name = "all"
task = "restore"
transductive = true
[[arm]]
name = "other"
strategy = "off-the-shelf"
source = "all"
layers = ["encoder1", "bottleneck"]
features = { pooling = "max" }
[[arm]]
name = "of-tuned"
strategy = "off-the-shelf"
of = ["tuned"]
[[arm]]
name = "joined"
strategy = "off-the-shelf"
of = ["features", "other", "of-tuned"]
options = { classifier = "svm-linear" }
)";

TEST_F(StudyPlans, FeaturesOfSeveralArmsBecomeOneTable)
{
  const auto   study = Read(joinedStudy);
  const auto   plan = Plan(study);
  const auto & joined = plan.At("joined-n2-r1");
  const auto & fit = joined.commands[0];
  EXPECT_EQ(Value(fit, "--layers"), "bottleneck,2/encoder1:max,2/bottleneck:max,3/bottleneck");
  EXPECT_EQ(std::count(fit.begin(), fit.end(), "--features"), 3);
  Words models;
  for (auto at = fit.begin(); at != fit.end(); ++at)
    if (*at == "--model")
      models.push_back(*(at + 1));
  EXPECT_EQ(models, (Words{ folder / "out/cells/pretrain-thresholds-n2-r1/model.safetensors", folder / "out/cells/pretrain-all-r1/model.safetensors", folder / "out/cells/tuned-n2-r1/model.safetensors" }));
  EXPECT_EQ(Value(fit, "--patients"), folder / "out/lists/train-n2-r1.txt"); // scaled on those who train
  EXPECT_EQ(Value(joined.commands[1], "--key"), folder / "out/site.key");    // predict looks into the lineage
  for (const char * cell : { "features-thresholds-n2-r1", "features-of-tuned-n2-r1" })
    EXPECT_TRUE(Has(joined.needs, cell)) << cell;
  EXPECT_EQ(study.SourcesOf(study.Arm("joined")), (Words{ "thresholds", "all" }));
  EXPECT_EQ(Read(With(joinedStudy, "computeMatched = false\n", "")).StepsOf(study.Arm("joined")), 300); // 150 steps of each source
}

TEST_F(StudyPlans, AFinishedTableOfFeaturesHasItsNetworksAndNoOtherClassifiers)
{
  const auto plan = PlanFinish(Read(joinedStudy), "joined", folder / "out", "/modules").plan;
  std::set<std::string> before;
  for (const auto & cell : plan.cells)
  {
    for (const auto & need : cell.needs)
      EXPECT_TRUE(before.contains(need)) << cell.id << " needs " << need;
    before.insert(cell.id);
  }
  EXPECT_TRUE(before.contains("tuned-all-r0") && before.contains("joined-all-r0"));
  EXPECT_FALSE(before.contains("other-all-r0"));
}

TEST_F(StudyPlans, WhatGivesNoFeaturesIsNamed)
{
  const auto with = [&](const std::string & from, const std::string & to) { return support::ErrorText([&] { Read(With(joinedStudy, from, to)); }, Fault::Input); };
  const std::string of = "of = [\"features\", \"other\", \"of-tuned\"]";
  EXPECT_NE(with(of, "of = [\"features\", \"tuned\"]").find("'tuned' gives no features; features come from"), std::string::npos);
  EXPECT_NE(with(of, "of = [\"features\", \"tuned\"]").find("line 55, column 1, [[arm]]"), std::string::npos) << with(of, "of = [\"features\", \"tuned\"]");
  EXPECT_NE(with(of, "of = [\"features\"]").find("two or more off-the-shelf arms"), std::string::npos);
  EXPECT_NE(with(of, "of = [\"features\", \"othr\"]").find("there is no arm 'othr'; did you mean 'other'?"), std::string::npos);
  EXPECT_NE(with(of, "of = [\"features\", \"othr\"]").find("line 55"), std::string::npos);
  EXPECT_NE(with(of, of + "\nlayers = \"encoder1\"").find("are those of the arms that `of` names"), std::string::npos);
  EXPECT_NE(with("source = \"all\"\nlayers = [\"encoder1\", \"bottleneck\"]\nfeatures = { pooling = \"max\" }", "source = \"thresholds\"").find("'features' and 'other' have the same features"),
            std::string::npos);
}

TEST_F(StudyPlans, OtherDataAreExtractedOnceAndLearnedOnce)
{
  const auto plan = Plan(Read(goodStudy + R"(
[[source]]
name = "textures"
task = "classify"
imageSet = "set"
sweep = { perClass = [10, 50] }
[[source]]
name = "photos"
task = "classify"
imageSet = "photos"
[[source]]
name = "more"
task = "classify"
imageSet = "set"
classes = 3
perClass = 7
[[source]]
name = "larger"
task = "classify"
imageSet = "set"
patches = { size = [9, 9, 9] }
[[source]]
name = "both"
task = "classify"
union = ["textures-50", "photos"]
[[source]]
name = "chain"
labels = "threshold"
names = ["dark", "bright"]
from = "both"
[[arm]]
name = "from-textures"
strategy = "fine-tuning"
source = "textures"
[[arm]]
name = "from"
strategy = "fine-tuning"
source = "more"
sweep = { source = ["more", "larger"] }
[[arm]]
name = "twice"
strategy = "fine-tuning"
source = "chain"
)"));
  const auto count = [&](const std::string & start) { return std::count_if(plan.cells.begin(), plan.cells.end(), [&](const Cell & cell) { return cell.id.starts_with(start); }); };
  EXPECT_EQ(count("extract-textures"), 1);
  EXPECT_EQ(count("match-textures"), 2);
  EXPECT_EQ(plan.At("match-more").needs, Words{ "extract-textures" }) << "the same patches are extracted once";
  EXPECT_EQ(count("extract-more") + count("extract-larger"), 1) << "patches of another size are others";
  EXPECT_EQ(count("pretrain-textures-10"), 1);
  EXPECT_EQ(count("pretrain-both"), 1);
  EXPECT_EQ(count("pretrain-chain"), 4); // it learns from the training patients
  EXPECT_EQ(Value(plan.At("pretrain-chain-n2-r0").commands[0], "--source"), folder / "out/cells/pretrain-both/model.safetensors");
  EXPECT_EQ(Value(plan.At("from-textures-10-n2-r0").commands[0], "--reset"), "classifier") << Join(plan.At("from-textures-10-n2-r0").commands[0], " ");
  EXPECT_EQ(Value(plan.At("extract-textures").commands[0], "--size"), "8,8,8"); // as large as the target's
}

TEST_F(StudyPlans, SeveralTargetsHaveCellsOfTheirOwn)
{
  WriteManifest(40, "abc");
  const auto plan = Plan(Read(With(With(goodStudy, "testPatients = 5", "testPatients = 5\nminimumPerClass = 1"), "[target]\nmanifest = \"m.csv\"", R"([[target]]
name = "three"
manifest = "m.csv"
[[target]]
name = "two"
manifest = "m.csv"
classes = { a = "normal", b = "ill", c = "ill" })")));
  EXPECT_EQ(plan.targets[0].classNames.size(), 3U);
  EXPECT_EQ(plan.targets[1].classNames, (std::vector<std::string>{ "ill", "normal" }));
  EXPECT_NE(plan.files.at("two.cases.csv").find(",ill,"), std::string::npos);
  EXPECT_EQ(plan.At("two.scratch-n2-r0").needs, Words{ "two.extract-target" });
}

TEST_F(StudyPlans, TooFewPatientsAreRefused)
{
  auto study = Read(goodStudy);
  study.trainPatients = { 8 };
  EXPECT_THROW(Plan(study), Error);
  WriteManifest(40, "aaaaaaaaab");
  const auto message = support::ErrorText([&] { Plan(Read(With(goodStudy, "testPatients = 5", "resampling = \"k-fold\"\nfolds = 4"))); }, Fault::Input);
  EXPECT_NE(message.find("1 patient(s) of class 'b'"), std::string::npos) << message;
  EXPECT_NE(message.find("fewer folds"), std::string::npos);
}

TEST_F(StudyPlans, TheSamePatientInBothDataSetsIsRefused)
{
  support::WriteFile(folder / "t.csv", "case,patient,image\nx,p1,x.nii.gz\n");
  const auto message = support::ErrorText([&] { Plan(Read(With(goodStudy, "manifest = \"m.csv\"", "manifest = \"m.csv\"\ntestManifest = \"t.csv\""))); }, Fault::Input);
  EXPECT_NE(message.find("1 patient(s) stand in manifest and testManifest ("), std::string::npos) << message;
  EXPECT_EQ(message.find("(p1"), std::string::npos); // a pseudonym, no identifier
}

class PairedPlans : public StudyPhantom
{
protected:
  const std::string paired =
    With(With(goodStudy, "manifest = \"m.csv\"", "manifest = \"m.csv\"\npair = [\"pre\", \"post\"]"), "testPatients = 5", "testPatients = 5\nminimumPerClass = 1");

  void SetUp() override { WritePairs({ "pre", "post" }); }
  // `extra`: rows for further patients.
  void WritePairs(const std::vector<std::string> & times, const std::string & extra = "")
  {
    std::string manifest = "case,patient,image,segmentation,class,time_point\n";
    for (int i = 0; i < 12; ++i)
      for (const auto & time : times)
        manifest += Concat("c", i, time, ",p", i, ",images/c", i, time, ".nii.gz,labels/c", i, time, ".nii.gz,", i % 2 ? "a" : "b", ",", time, "\n");
    support::WriteFile(folder / "m.csv", manifest + extra);
  }
};

TEST_F(PairedPlans, TheTargetIsExtractedAndThenPairedByACellOfItsOwn)
{
  const auto   plan = Plan(Read(paired));
  const auto & pair = plan.At("pair-target");
  EXPECT_EQ(pair.needs, Words{ "extract-target" });
  EXPECT_EQ(pair.commands[0], (Words{ "/modules/ServalManageCache", "pair", folder / "out/target-single.cache", "--times", "pre,post", "--pairedAs", "side-by-side", "--paired",
                                      folder / "out/target.cache" }));
  EXPECT_EQ(Value(plan.At("extract-target").commands[0], "--cache"), folder / "out/target-single.cache");
  EXPECT_EQ(plan.At("scratch-n2-r0").needs, Words{ "pair-target" });
  EXPECT_EQ(Value(plan.At("scratch-n2-r0").commands[0], "--cache"), folder / "out/target.cache");
  const auto sides = Plan(Read(With(paired, "pair = [", "pairedAs = \"channels\"\npair = [")));
  EXPECT_EQ(Value(sides.At("pair-target").commands[0], "--pairedAs"), "channels");
}

TEST_F(PairedPlans, SourcesOfTheTargetsPatientsArePairedToo)
{
  const auto plan = Plan(Read(paired + R"(
[[source]]
name = "other-places"
task = "restore"
patches = { count = 9 }
[[source]]
name = "same-places"
task = "restore"
[[source]]
name = "textures"
task = "classify"
imageSet = "set"
[[arm]]
name = "places"
strategy = "fine-tuning"
source = "other-places"
[[arm]]
name = "same"
strategy = "fine-tuning"
source = "same-places"
[[arm]]
name = "natural"
strategy = "fine-tuning"
source = "textures"
)"));
  EXPECT_EQ(plan.At("pair-thresholds").needs, Words{ "extract-thresholds" });
  EXPECT_EQ(plan.At("pretrain-thresholds-n2-r0").needs, Words{ "pair-thresholds" });
  EXPECT_EQ(plan.At("pretrain-thresholds-n6-r1").needs, Words{ "pair-thresholds" });
  EXPECT_EQ(Value(plan.At("pair-thresholds").commands[0], "pair"), folder / "out/thresholds-single.cache");
  EXPECT_EQ(plan.At("pretrain-other-places-n2-r0").needs, Words{ "pair-other-places" });
  EXPECT_EQ(plan.At("pretrain-same-places-n2-r0").needs, Words{ "pair-target" });
  EXPECT_EQ(Value(plan.At("extract-target").commands[0], "--size"), "8,8,8");
  EXPECT_EQ(Value(plan.At("extract-textures").commands[0], "--size"), "16,8,8"); // as wide as a pair
  EXPECT_EQ(plan.At("pretrain-textures").needs, Words{ "extract-textures" });
}

TEST_F(PairedPlans, EveryPatientNeedsBothTimePoints)
{
  WritePairs({ "pre", "post" }, "x,q1,x.nii.gz,,a,pre\ny,q2,y.nii.gz,,a,later\n");
  const auto message = support::ErrorText([&] { Plan(Read(paired)); }, Fault::Input);
  EXPECT_NE(message.find("2 patient(s) lack a case of one of them in column time_point ("), std::string::npos) << message;
  EXPECT_EQ(message.find("q1"), std::string::npos) << message; // a pseudonym, no identifier
  WriteManifest(12, "");
  EXPECT_NE(support::ErrorText([&] { Plan(Read(paired)); }, Fault::Input).find("12 patient(s)"), std::string::npos);
  WritePairs({ "pre", "post", "later" });
  const auto plan = Plan(Read(paired));
  EXPECT_EQ(plan.files.at("cases.csv").find("later"), std::string::npos);
  EXPECT_NE(plan.files.at("cases.csv").find(",post"), std::string::npos);
}

TEST_F(PairedPlans, TheClassOfAPairIsOne)
{
  WritePairs({ "pre", "post" }, "x,q1,x.nii.gz,,a,pre\ny,q1,y.nii.gz,,b,post\n");
  const auto ofCases = With(paired, "classFrom = \"centre\"\nsampler = \"class\"\nclassNames = [\"a\", \"b\"]", "");
  EXPECT_NE(support::ErrorText([&] { Plan(Read(ofCases)); }, Fault::Input).find("1 patient(s) have another class at 'pre' than at 'post'"), std::string::npos);
  EXPECT_FALSE(Plan(Read(paired)).cells.empty()); // classes of the labels at the centre
  WritePairs({ "pre", "post" });
  EXPECT_FALSE(Plan(Read(ofCases)).cells.empty());
}

TEST_F(StudyPlans, WeightFilesAreSourcesAndAbsentOnesAreNotRun)
{
  const auto study = Read("weightFolder = \"" SERVAL_SOURCE_DIRECTORY "/Data/weights\"\n" + goodStudy + R"(
[[source]]
name = "imagenet"
weights = "resnet18-imagenet"
import = { dimension = 3 }
[[source]]
name = "cifar"
weights = "resnet20-cifar10"
[[arm]]
name = "imagenet-tuned"
strategy = "fine-tuning"
source = "imagenet"
[[arm]]
name = "cifar-svm"
strategy = "off-the-shelf"
source = "cifar"
)");
  const auto plan = Plan(study);
  const auto command = Join(plan.At("import-imagenet").commands[0], " ");
  EXPECT_NE(command.find("--network resnet18 --channels 3 --classes 1000"), std::string::npos) << command;
  EXPECT_NE(command.find("--dimension 3"), std::string::npos) << command; // the study's, once
  EXPECT_EQ(command.find("--dimension 2"), std::string::npos) << command;
  EXPECT_EQ(plan.At("import-cifar").hindrance, "");
  EXPECT_TRUE(plan.At("imagenet-tuned-n2-r1").needs == (std::vector<std::string>{ "extract-target", "import-imagenet" }));
  const auto states = StatesOf(plan, folder / "out");
  EXPECT_EQ(states.at("imagenet-tuned-n6-r1").state, CellState::NotRun);
  EXPECT_EQ(states.at("cifar-svm-n6-r1").state, CellState::Open);
  NoProgress quiet;
  const auto results = GatherResults(study, plan, states, quiet);
  ASSERT_EQ(results.notRun.size(), 1U);
  EXPECT_TRUE(results.notRun.at("imagenet-tuned").starts_with("fetch resnet18-f37072fd.pth (PyTorch (torchvision)")) << results.notRun.at("imagenet-tuned");
}

TEST_F(StudyPlans, ArmsOfDataThatAreNotThereAreNotRun)
{
  const auto plan = Plan(Read(goodStudy + "[[source]]\nname = \"cats\"\ntask = \"classify\"\nimageSet = \"no-such-folder\"\n[[arm]]\nname = \"from-cats\"\nstrategy = \"fine-tuning\"\nsource = \"cats\"\n"));
  const auto states = StatesOf(plan, folder / "out");
  EXPECT_EQ(states.at("from-cats-n2-r0").state, CellState::NotRun);
  EXPECT_NE(states.at("from-cats-n2-r0").reason.find("no-such-folder"), std::string::npos);
  EXPECT_EQ(states.at("scratch-n2-r0").state, CellState::Open);
}

TEST_F(StudyPlans, AnUnknownCellHasANearestOne)
{
  const auto message = support::ErrorText([&] { Plan(Read(goodStudy)).At("scratch-n2-r3"); }, Fault::Usage);
  EXPECT_NE(message.find("did you mean 'scratch-n2-r"), std::string::npos) << message;
}

TEST_F(StudyPlans, TheFinishedModelHoldsPatientsBackForCalibration)
{
  const auto study = Read(goodStudy);
  const auto plan = Plan(study);
  const auto finish = PlanFinish(study, "tuned", folder / "out", "/modules");
  EXPECT_EQ(finish.trainingPatients + finish.calibrationPatients, 7U); // not the test patients
  EXPECT_EQ(finish.calibrationPatients, 1U);
  EXPECT_FALSE(finish.isNamedBefore);
  const auto held = Patients(finish.plan, "test"), trained = Patients(finish.plan, "train-all-r0"), tested = Patients(plan, "test");
  for (const auto & patient : held)
    EXPECT_FALSE(trained.contains(patient) || tested.contains(patient));
  EXPECT_EQ(Value(finish.plan.At("tuned-all-r0").commands[0], "--key"), folder / "out/site.key");
}

TEST(StudyAdvice, HalfWidthIsThatOfHanleyAndMcNeil)
{
  // 1982: variance (A (1 - A) + (np - 1)(Q1 - A^2) + (nn - 1)(Q2 - A^2)) / (np nn); at A = 0.8, 30 of each: SE 0.0575
  EXPECT_NEAR(ExpectedHalfWidth(30, 30), 1.96 * 0.0575, 0.001);
  EXPECT_GT(ExpectedHalfWidth(5, 50), ExpectedHalfWidth(25, 30));
}

} // namespace
} // namespace serval
