#include "StudyPhantom.h"

#include "serval/Study/NewStudy.h"

namespace serval
{
namespace
{

class NewStudies : public StudyPhantom
{
protected:
  StudyCohort              cohort;
  std::vector<std::string> questions;

  void SetUp() override
  {
    StudyPhantom::SetUp();
    cohort.manifest = folder / "m.csv";
    cohort.cases = 12;
    cohort.smallest = { 33, 46, 28 };
    cohort.casesWith = { { 0, 12 }, { 1, 12 }, { 5, 12 }, { 20, 12 } };
  }

  /// The file, read as the study reads it; answers by the beginning of a question, else what is offered.
  StudyFile Made(const std::map<std::string, std::string> & answers = {})
  {
    const auto ask = [&](const std::string & question, const std::string & offered) {
      questions.push_back(question);
      for (const auto & [beginning, answer] : answers)
        if (question.starts_with(beginning))
          return answer;
      return offered;
    };
    text = NewStudy(cohort, folder / "s.toml", ask);
    return Read(text);
  }
  std::string text;
};

TEST(OfferedPatch, IsACubeInMillimetresThatTheSmallestVolumeHasRoomFor)
{
  EXPECT_EQ(OfferedPatch({ 512, 512, 300 }, { 0.7, 0.7, 0.7 }), (Extent{ 32, 32, 32 }));
  EXPECT_EQ(OfferedPatch({ 512, 512, 200 }, { 0.7, 0.7, 1.5 }), (Extent{ 32, 32, 16 })) << "22 mm";
  EXPECT_EQ(OfferedPatch({ 512, 512, 16 }, { 0.7, 0.7, 2.5 }), (Extent{ 32, 32, 8 })) << "half of a block of 40 mm";
  EXPECT_EQ(OfferedPatch({ 256, 256, 25 }, { 0.5, 0.5, 6.5 }), (Extent{ 32, 32, 4 })) << "thick slices";
  EXPECT_EQ(OfferedPatch({ 33, 46, 28 }, { 1, 1, 1 }), (Extent{ 16, 16, 16 }));
  EXPECT_EQ(OfferedPatch({ 18, 19, 20 }, { 1, 1, 1 }), (Extent{ 8, 8, 8 }));
  EXPECT_EQ(OfferedPatch({ 5, 6, 7 }, { 1, 1, 1 }), (Extent{ 4, 4, 4 }));
  EXPECT_EQ(OfferedPatch({ 256, 200, 1 }, { 0.5, 0.5, 5 }), (Extent{ 32, 32, 1 })) << "a flat image";
}

TEST_F(NewStudies, EveryLabelIsAskedForAndItsNumberIsKept)
{
  const auto made = Made({ { "Name of label 5", "liver" }, { "Name of label 20", "-" } });
  EXPECT_EQ(std::count_if(questions.begin(), questions.end(), [](const auto & q) { return q.starts_with("Name of label"); }), 4);
  support::ExpectHas(text, R"(classNames = ["outside", "label 1", "liver"])");
  support::ExpectHas(text, "classLabels = [0, 1, 5]");
  EXPECT_EQ(text.find("shortfall"), std::string::npos);
  EXPECT_EQ(made.sources.size(), 2U);
}

TEST_F(NewStudies, NamedLabelsAreTheClassesAndNothingIsAskedForThem)
{
  cohort.labelNames = { { 1, "spleen" }, { 20, "colon" } };
  Made();
  support::ExpectHas(text, R"(classNames = ["outside", "spleen", "colon"])");
  support::ExpectHas(text, "classLabels = [0, 1, 20]");
  EXPECT_EQ(questions.size(), 4U);
  cohort.labelNames[0] = "-";
  Made();
  support::ExpectHas(text, "classLabels = [1, 20]");
}

TEST_F(NewStudies, LabelsThatSomeCasesLackDoNotStopTheExtraction)
{
  cohort.casesWith[20] = 9;
  Made();
  support::ExpectHas(text, "'label 20' has no 8 places for a patch in 3 of 12 cases");
  Made({ { "Name of label 20", "-" } });
  EXPECT_EQ(text.find("shortfall"), std::string::npos);
}

TEST_F(NewStudies, SizesComeFromTheVolumesAndCanBeAnswered)
{
  cohort.smallest = { 512, 512, 40 };
  cohort.usual = { 0.8, 0.8, 5 };
  Made();
  support::ExpectHas(text, "size = [32, 32, 4]");
  support::ExpectHas(text, "26 x 26 x 20 mm; the volumes have at least 512x512x40 voxels");
  support::ExpectHas(text, "depth = 2");
  Made({ { "Size of a patch", "24, 24,8" } });
  support::ExpectHas(text, "size = [24, 24, 8]");
  support::ExpectHas(text, "depth = 3");
  for (const char * wrong : { "16", "16,16", "16,16,0", "16,16,x", "1,2,3,4" })
    support::ExpectHas(support::ErrorText([&] { Made({ { "Size of a patch", wrong } }); }, Fault::Usage), "is no three whole numbers");
}

TEST_F(NewStudies, WrongNamesAreToldWithWhatThereIs)
{
  cohort.labelNames = { { 7, "kidney" } };
  support::ExpectHas(support::ErrorText([&] { Made(); }, Fault::Usage), "no segmentation holds the label 7 that is named 'kidney'; they hold 0, 1, 5, 20");
  cohort.labelNames = { { 1, "a" }, { 5, "a" } };
  support::ExpectHas(support::ErrorText([&] { Made(); }, Fault::Usage), "two labels have the name 'a'");
  cohort.labelNames = { { 0, "-" }, { 5, "a" } };
  support::ExpectHas(support::ErrorText([&] { Made(); }, Fault::Usage), "of which 1 ");
  WriteManifest(12, "ab");
  support::ExpectHas(support::ErrorText([&] { Made(); }, Fault::Usage), "the classes are those of the cases (a, b)");
  cohort.labelNames = {};
  Made();
  support::ExpectHas(text, "classFrom = \"case\"");
}

// Eleven and thirteen of 24; whatever is offered can be planned as it is.
TEST_F(NewStudies, FiveOfEachClassAreTestedWhereThatLeavesSomeToTrainOn)
{
  WriteManifest(24, "abababababababababababbb");
  EXPECT_EQ(Plan(Made()).targets.front().resamples.front().test.size(), 11U);
  support::ExpectHas(text, "# of 24; at least 5 of each class");
  EXPECT_EQ(text.find("minimumPerClass"), std::string::npos);
  WriteManifest(14, "ab");
  Plan(Made());
  support::ExpectHas(text, "testPatients = 4");
  support::ExpectHas(text, "minimumPerClass = 2");
  EXPECT_EQ(Made({ { "Test patients", "10" } }).minimumPerClass, 5);
  Plan(Made({ { "Test patients", "3" } }));
  WriteManifest(16, "ab");
  Plan(Made());
  support::ExpectHas(text, "testPatients = 10");
  EXPECT_EQ(text.find("minimumPerClass"), std::string::npos);
  WriteManifest(12, "");
  Plan(Made());
  support::ExpectHas(text, "testPatients = 5");
}

TEST_F(NewStudies, PatchesOfCasesAreTakenWithinThePatientWhereVolumesLieInAir)
{
  WriteManifest(20, "ab");
  Made();
  support::ExpectHas(text, "sampler = \"uniform\"");
  cohort.foreground = "ct-contrast";
  cohort.background = 0.34;
  const auto plan = Plan(Made());
  support::ExpectHas(text, "some 34 % of the voxels are background");
  const auto & segment = plan.At("segment-target");
  EXPECT_EQ(segment.commands.size(), 20U);
  EXPECT_EQ(Value(segment.commands.front(), "--preset") + Value(segment.commands.front(), "--gate"), "ct-contrastwarn");
  const auto & extract = plan.At("extract-target");
  EXPECT_EQ(extract.needs, Words{ "segment-target" });
  EXPECT_EQ(Value(extract.commands.front(), "--sampler") + Value(extract.commands.front(), "--labelsFrom"), "foregroundpseudo_segmentation");
  support::ExpectHas(plan.files.at("cases.csv"), "segmentations/target/c0.nii.gz");
  support::ExpectHas(plan.files.at("cases-thresholds.csv"), "segmentations/thresholds/c2.nii.gz");
  EXPECT_EQ(Value(plan.At("segment-thresholds").commands.front(), "--preset"), "ct-contrast");
  EXPECT_EQ(Value(plan.At("extract-thresholds").commands.front(), "--denseNames"), "outside,air,fat,soft tissue,contrast or bone");
  EXPECT_EQ(Value(plan.At("scratch-n4-r0").commands.front(), "--inferenceSampler"), "pseudo-segmentation:ct-contrast");
}

} // namespace
} // namespace serval
