// One classifier on the features of two networks, as a user asks for it.
#include "FeatureFixture.h"

#include <nlohmann/json.hpp>

namespace serval::commands
{
namespace
{

class JoinedFeatures : public FeatureFixture
{
protected:
  // A network NAME.safetensors that learned from these patients, and its features NAME.h5 of `shown` ones, all where none are named.
  void Network(const std::string & name, const std::string & patients, const std::string & filters, const std::string & shown = "") const
  {
    Good("ServalPretrainNetwork", { "--cache", At("t.cache"), "--patients", At(patients), "--output", At(name + ".safetensors"), "--steps", "20", "--batch", "12", "--threads", "1", "--filters", filters,
                                    "--depth", "2", "--key", At("site.key") });
    Words words{ "--cache", At("t.cache"), "--model", At(name + ".safetensors"), "--layers", "encoder1,bottleneck", "--output", At(name + ".h5"), "--threads", "1" };
    Good("ServalExtractFeatures", shown.empty() ? words : With(words, { "--patients", At(shown) }));
  }
  Words Fit(const Words & names) const
  {
    Words words{ "--patients", At("train.txt"), "--key", At("site.key") };
    for (const auto & name : names)
      words = With(words, { "--features", At(name + ".h5"), "--model", At(name + ".safetensors") });
    return words;
  }
  Words Predict(const std::string & model) const
  {
    return { "--cache", At("t.cache"), "--patients", At("test.txt"), "--model", At(model), "--threads", "1", "--key", At("site.key") };
  }

  void SetUp() override
  {
    FeatureFixture::SetUp();
    support::WriteFile(At("late.txt"), "p3\np4\n");
    Network("a", "train.txt", "4");
    Network("b", "train.txt", "6", "train.txt");
  }
};

TEST_F(JoinedFeatures, OneModelHoldsBothNetworksAndTheirClassifier)
{
  Good("ServalFitClassifier", With(Fit({ "a", "b" }), { "--layers", "bottleneck,2/encoder1,2/bottleneck", "--output", At("both.safetensors"), "--json", At("fit.json") }));
  const auto fit = nlohmann::json::parse(support::ReadFile(At("fit.json")));
  EXPECT_EQ(fit.at("columns"), 16 + 6 + 24); // of the bottlenecks 4 and 6 filters doubled twice
  EXPECT_EQ(fit.at("rows"), 4 * 3 * 4);
  for (const char * name : { "a", "b" })
    std::filesystem::remove(At(std::string(name) + ".safetensors"));
  Good("ServalPredict", With(Predict("both.safetensors"), { "--output", At("both.csv") }));
  EXPECT_NE(support::ReadFile(At("both.csv")).find(",clean"), std::string::npos);
  Good("ServalEvaluatePredictions", { "--predictions", At("both.csv"), "--bootstrap", "100", "--json", At("scores.json") });
  EXPECT_GT(nlohmann::json::parse(support::ReadFile(At("scores.json"))).at("accuracy").at("value").get<double>(), 0.6);
}

TEST_F(JoinedFeatures, ThePredictionsAreThoseOfTheNetworkThatHasALayer)
{
  Good("ServalFitClassifier", With(Fit({ "b" }), { "--layers", "bottleneck", "--output", At("alone.safetensors") }));
  Good("ServalFitClassifier", With(Fit({ "a", "b" }), { "--layers", "2/bottleneck", "--output", At("second.safetensors") }));
  for (const std::string name : { "alone", "second" })
    Good("ServalPredict", With(Predict(name + ".safetensors"), { "--output", At(name + ".csv") }));
  EXPECT_EQ(support::ReadFile(At("alone.csv")), support::ReadFile(At("second.csv")));
}

TEST_F(JoinedFeatures, WhomTheSecondNetworkKnowsIsNotTested)
{
  Network("c", "late.txt", "4");
  Good("ServalFitClassifier", With(Fit({ "a", "c" }), { "--output", At("leaking.safetensors") }));
  Refused("ServalPredict", Predict("leaking.safetensors"), 3, "1 of 2 patients are known to the model by expert label");
}

TEST_F(JoinedFeatures, FilesThatDoNotBelongTogetherAreRefused)
{
  Refused("ServalFitClassifier", With(Fit({ "a" }), { "--features", At("b.h5") }), 2, "2 file(s) of --features and 1 of --model are given");
  Refused("ServalFitClassifier", With(Fit({ "a" }), { "--features", At("b.h5"), "--model", At("a.safetensors") }), 3, "extract them again with this model");
  Refused("ServalFitClassifier", With(Fit({ "a", "b" }), { "--layers", "2/encoder9" }), 3, "has no features of the layer '2/encoder9'");
  support::WriteFile(At("train.txt"), "p0\np4\n"); // of whom b has no features
  Refused("ServalFitClassifier", Fit({ "a", "b" }), 3, "whom the data do not have");
  Network("c", "train.txt", "4", "late.txt");
  auto everyone = Fit({ "b", "c" });
  everyone.erase(everyone.begin(), everyone.begin() + 2);
  Refused("ServalFitClassifier", everyone, 3, "12 are of the same patch and class; extract both from one cache");
}

} // namespace
} // namespace serval::commands
