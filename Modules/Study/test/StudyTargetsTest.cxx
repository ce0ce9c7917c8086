#include "StudyPhantom.h"

namespace serval
{
namespace
{

class SeveralTargets : public StudyPhantom
{
protected:
  const std::string two = With(With(With(With(goodStudy, "computeMatched = false\n", ""), "[target]\nmanifest = \"m.csv\"", R"([[target]]
name = "first"
manifest = "m.csv"
[[target]]
name = "second"
manifest = "m.csv")"),
                                    "[[arm]]\nname = \"features\"", "steps = 90\noptions = { flip = 0.5, learningRate = 0.1 }\nfor.second = { steps = 40, freeze = \"upto:encoder1\", options = { learningRate = 0.2 } }\n[[arm]]\nname = \"features\""),
                               "options = { classifier = \"svm-linear\" }", "options = { classifier = \"svm-linear\" }\nfor.second = { layers = \"encoder1\", features = { pooling = \"max\" } }");

  std::string Message(const std::string & from, const std::string & to)
  {
    return support::ErrorText([&] { Read(With(two, from, to)); }, Fault::Input);
  }
};

TEST_F(SeveralTargets, AnArmDiffersOnTheTargetThatItNames)
{
  const auto   plan = Plan(Read(two));
  const auto & first = plan.At("first.tuned-n2-r0").commands[0];
  const auto & second = plan.At("second.tuned-n2-r0").commands[0];
  EXPECT_EQ(Value(first, "--steps") + " " + Value(first, "--learningRate") + " " + Value(first, "--freeze"), "90 0.1 missing");
  EXPECT_EQ(Value(second, "--steps") + " " + Value(second, "--learningRate") + " " + Value(second, "--freeze"), "40 0.2 upto:encoder1");
  EXPECT_EQ(Value(second, "--flip"), "0.5"); // all else is shared
  EXPECT_EQ(Value(plan.At("first.features-n2-r0").commands[0], "--layers"), "bottleneck");
  EXPECT_EQ(Value(plan.At("second.features-n2-r0").commands[0], "--layers"), "encoder1:max");
}

TEST_F(SeveralTargets, TheMatchedArmHasAsManyStepsOnEachTarget)
{
  const auto study = Read(two);
  const auto plan = Plan(study);
  EXPECT_EQ(study.Arm("scratch-as-tuned").On("first").steps, 150 + 90);
  EXPECT_EQ(study.Arm("scratch-as-tuned").On("second").steps, 150 + 40);
  EXPECT_EQ(Value(plan.At("second.scratch-as-tuned-n2-r0").commands[0], "--learningRate"), "0.2");
  EXPECT_EQ(Value(plan.At("second.scratch-as-tuned-n2-r0").commands[0], "--freeze"), "missing");
  EXPECT_EQ(SmokeScaled(study).On("second").Arm("tuned").steps, 4);
  EXPECT_NE(Message("source = \"thresholds\"", "source = \"treshold\"").find("line 34, column"), std::string::npos) << Message("source = \"thresholds\"", "source = \"treshold\"");
}

TEST_F(SeveralTargets, WordsTellWhatIsOtherwise)
{
  EXPECT_EQ(Read(two).Arm("tuned").InWords(), "tuned; on second: 40 steps, --learningRate 0.2 --freeze upto:encoder1");
  EXPECT_EQ(Read(two).Arm("features").InWords(), "features; on second: layers encoder1, --pooling max");
}

TEST_F(SeveralTargets, ChangesThatCannotBeAreNamedWithTheirPlace)
{
  const auto unknown = Message("for.second = { steps", "for.secnd = { steps");
  EXPECT_NE(unknown.find("there is no target 'secnd'; did you mean 'second'?"), std::string::npos) << unknown;
  EXPECT_NE(unknown.find("line 40, column"), std::string::npos) << unknown;
  EXPECT_NE(Message("for.second = { steps", "for.second = { stpes").find("unknown key 'stpes'; did you mean 'steps'?"), std::string::npos);
  EXPECT_NE(Message("for.second = { steps = 40", "for.second = { steps = 0").find("'steps' is 0; 1 to"), std::string::npos);
  EXPECT_NE(Message("for.second = { layers = \"encoder1\",", "for.second = { steps = 4,").find("steps belong to scratch and fine-tuning"), std::string::npos);
  EXPECT_NE(Message("for.second = { steps", "sweep = { learningRate = [0.1, 0.3] }\nfor.second = { steps").find("sweeps 'learningRate', which has one value for target 'second'"), std::string::npos);
  EXPECT_NE(Message("for.second = { layers = \"encoder1\", features = { pooling = \"max\" } }", "for = 3").find("must be a table by target"), std::string::npos);
}

} // namespace
} // namespace serval
