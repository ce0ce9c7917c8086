#include "FeatureFixture.h"

#include <nlohmann/json.hpp>

namespace serval::commands
{
namespace
{

// A detector and a classifier on one set of features, and a segmenting network that answers at the centre of patches.
class CascadeCommands : public FeatureFixture
{
protected:
  double Accuracy(const std::string & predictions) const
  {
    Good("ServalEvaluatePredictions", { "--predictions", At(predictions), "--bootstrap", "100", "--json", At("scores.json") });
    return nlohmann::json::parse(support::ReadFile(At("scores.json"))).at("accuracy").at("value");
  }

  void SetUp() override
  {
    FeatureFixture::SetUp();
    Good("ServalPretrainNetwork", { "--cache", At("t.cache"), "--patients", At("train.txt"), "--output", At("pre.safetensors"), "--steps", "40", "--batch", "12", "--threads",
                                    "1", "--filters", "4", "--depth", "2" });
  }
  Words Fit() const { return { "--features", At("f.h5"), "--model", At("pre.safetensors"), "--patients", At("train.txt") }; }
  Words Predict(const std::string & model) const
  {
    return { "--cache", At("t.cache"), "--patients", At("test.txt"), "--model", At(model), "--threads", "1" };
  }
};

TEST_F(CascadeCommands, DetectorAndClassifierShareFeatures)
{
  Good("ServalExtractFeatures", { "--cache", At("t.cache"), "--model", At("pre.safetensors"), "--layers", "bottleneck", "--output", At("f.h5"), "--threads", "1" });
  Good("ServalFitClassifier", With(Fit(), { "--joinClasses", "positive=lower+upper", "--output", At("detector.safetensors") }));
  Good("ServalFitClassifier", With(Fit(), { "--onlyClasses", "lower,upper", "--output", At("classifier.safetensors"), "--json", At("fit.json") }));
  EXPECT_EQ(nlohmann::json::parse(support::ReadFile(At("fit.json"))).at("rows"), 4 * 2 * 4) << "patches of the third class are left out";
  for (const std::string one : { "detector", "classifier" })
    Good("ServalPredict", With(Predict(one + ".safetensors"), { "--otherClasses", "--output", At(one + ".csv") }));
  EXPECT_TRUE(support::ReadFile(At("detector.csv")).starts_with("patient,case,unit,unit_id,truth,p_outside,p_positive,lineage\n"));
  EXPECT_NE(support::ReadFile(At("detector.csv")).find(",upper,"), std::string::npos) << "the truth is the cache's class";
  Good("ServalCombinePredictions", { "--rule", "cascade", "--predictions", At("detector.csv"), "--predictions", At("classifier.csv"), "--output", At("both.csv") });
  EXPECT_TRUE(support::ReadFile(At("both.csv")).starts_with("patient,case,unit,unit_id,truth,p_outside,p_lower,p_upper,lineage\n"));
  EXPECT_GT(Accuracy("both.csv"), 0.6);
  Refused("ServalPredict", Predict("detector.safetensors"), 3, "--otherClasses lets them differ");
  Refused("ServalFitClassifier", With(Fit(), { "--joinClasses", "positive=lower+uper" }), 2, "did you mean upper?");
  Refused("ServalFitClassifier", With(Fit(), { "--joinClasses", "positive" }), 2, "not NEW=OLD+OLD");
  Refused("ServalFitClassifier", With(Fit(), { "--joinClasses", "upper=lower+outside" }), 2, "there already");
  Refused("ServalFitClassifier", With(Fit(), { "--joinClasses", "a=lower+upper,b=upper+outside" }), 2, "joined twice");
  Refused("ServalFitClassifier", With(Fit(), { "--onlyClasses", "lower" }), 2, "two or more are needed");
  Refused("ServalFitClassifier", With(Fit(), { "--onlyClasses", "lower,middle" }), 2, "'middle' is unknown");
}

TEST_F(CascadeCommands, ASegmentingModelAnswersAtTheCentre)
{
  Good("ServalPredict", With(Predict("pre.safetensors"), { "--atCentre", "--output", At("centre.csv") }));
  EXPECT_TRUE(support::ReadFile(At("centre.csv")).starts_with("patient,case,unit,unit_id,truth,p_outside,p_lower,p_upper,lineage\n"));
  EXPECT_GT(Accuracy("centre.csv"), 0.6);
  auto other = Extraction(At("m.csv"), At("u.cache"));
  other[13] = "rest,lower,upper";
  Good("ServalExtractPatches", other);
  auto words = Predict("pre.safetensors");
  words[1] = At("u.cache");
  Refused("ServalPredict", With(words, { "--atCentre" }), 3, "no class for the labels outside, no label for the classes rest");
  Refused("ServalPredict", With(words, { "--atCentre", "--otherClasses" }), 2, "leave --otherClasses out");
  Refused("ServalPredict", With(words, { "--labelClasses", "outside=rest" }), 2, "--labelClasses needs --atCentre");
  Refused("ServalPredict", words, 3, "or predict --atCentre");
  Good("ServalPredict", With(words, { "--atCentre", "--labelClasses", "outside=rest", "--output", At("told.csv") }));
  auto told = support::ReadFile(At("told.csv"));
  for (auto at = told.find("rest"); at != std::string::npos; at = told.find("rest", at))
    told.replace(at, 4, "outside");
  EXPECT_EQ(told, support::ReadFile(At("centre.csv")));
}

} // namespace
} // namespace serval::commands
