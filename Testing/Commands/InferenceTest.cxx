// Models applied to whole new volumes: segment-volume and classify-volume.
#include "CommandSupport.h"
#include "serval/Core/Table.h"
#include "serval/Volume/Volume.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <numeric>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace serval::commands
{
namespace
{

class Inference : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string At(const std::string & name) const { return (folder / name).string(); }
  void        Good(const std::string & module, const Words & words) const
  {
    const auto result = RunModule(module, words);
    ASSERT_EQ(result.code, 0) << module << ": " << result.error << result.output;
  }
  nlohmann::json Json(const std::string & name) const { return nlohmann::json::parse(support::ReadFile(At(name))); }

  // Two classes, dark and bright voxels at the centre; patches cut by `sampler`.
  void Train(const std::string & sampler, const Words & more = {}) const
  {
    WriteCohort(folder.Path(), 4);
    support::WriteFile(At("train.txt"), "p0\np1\np2\n");
    Good("ServalExtractPatches", { "--manifest", At("m.csv"), "--cache", At("t.cache"), "--size", "8,8,8", "--sampler", sampler, "--count", "12", "--classFrom", "centre", "--classNames",
                                   "dark,bright", "--classLabels", "1,2", "--shortfall", "fewer" });
    Words training{ "--cache", At("t.cache"), "--patients", At("train.txt"), "--output", At("k.safetensors"), "--steps", "80", "--batch", "8", "--threads", "1",
                    "--filters", "4", "--depth", "2", "--attachment", "bottleneck" };
    training.insert(training.end(), more.begin(), more.end());
    Good("ServalTrainClassifier", training);
  }
};

TEST_F(Inference, AVolumeIsClassifiedAsItsPatchesWouldBe)
{
  Train("class", { "--inferenceSampler", "grid" });
  Good("ServalClassifyVolume", { At("image3.mha"), "--model", At("k.safetensors"), "--json", At("c.json"), "--heatmap", At("heat.nrrd"), "--heatmapClass", "bright", "--threads", "1",
                                 "--returnparameterfile", At("returned.txt") });
  support::WriteFile(At("one.csv"), "case,patient,image\nc3,p3,image3.mha\n");
  Good("ServalExtractPatches", { "--manifest", At("one.csv"), "--cache", At("one.cache"), "--size", "8,8,8", "--sampler", "grid", "--classFrom", "none" });
  Good("ServalPredict", { "--cache", At("one.cache"), "--model", At("k.safetensors"), "--output", At("p.csv"), "--threads", "1" });
  const Table rows = Table::Read(At("p.csv"));
  double      mean = 0;
  for (std::size_t i = 0; i < rows.Rows(); ++i)
    mean += rows.Number(i, "p_bright") / double(rows.Rows());
  const auto json = Json("c.json");
  EXPECT_EQ(json.at("verdict"), "assessed");
  const auto returned = support::ReadFile(At("returned.txt"));
  EXPECT_TRUE(returned.starts_with("predictedClass = " + json.at("class").get<std::string>() + "\nprobability = 0.")) << returned;
  EXPECT_TRUE(returned.ends_with("\nverdict = assessed\n")) << returned;
  EXPECT_EQ(json.at("patches"), rows.Rows());
  EXPECT_NEAR(json.at("probabilities").at("bright").get<double>(), mean, 1e-5);
  EXPECT_EQ(json.at("class"), mean > 0.5 ? "bright" : "dark");
  EXPECT_EQ(json.at("calibrated"), false);
  // The heat map tells the upper, bright half from the lower; x = 10 lies off the voxels without a class.
  const auto heat = ReadVolume(At("heat.nrrd"));
  const auto values = heat.AsFloat();
  const auto plane = std::size_t(heat.geometry.extent.x * heat.geometry.extent.y);
  EXPECT_GT(values[15 * plane + 10], values[10] + 0.3);
}

TEST_F(Inference, PlacesAreNeededWhereTrainingHadLabels)
{
  Train("class");
  const Words words{ At("image3.mha"), "--model", At("k.safetensors"), "--json", At("c.json"), "--threads", "1" };
  const auto  refused = RunModule("ServalClassifyVolume", words);
  EXPECT_EQ(refused.code, 2);
  for (const char * way : { "--candidates", "--labels", "pseudo-segmentation:RECIPE", "--sampler grid" })
    EXPECT_NE(refused.error.find(way), std::string::npos) << refused.error;
  const auto with = [&](const Words & more) {
    auto all = words;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  Good("ServalClassifyVolume", with({ "--sampler", "pseudo-segmentation:otsu" })); // the bright half
  EXPECT_EQ(Json("c.json").at("class"), "bright");
  Good("ServalClassifyVolume", with({ "--labels", At("labels3.mha") }));
  support::WriteFile(At("points.csv"), "case,x,y,z,id,coordinates\nany,9,9,5,low,IJK\nany,9,10,5,low,IJK\nany,9,9,15,high,IJK\n");
  Good("ServalClassifyVolume", with({ "--candidates", At("points.csv"), "--lesionRule", "max", "--patientRule", "noisy-or" }));
  const auto lesions = Json("c.json").at("lesions");
  ASSERT_EQ(lesions.size(), 2U);
  EXPECT_EQ(lesions[0].at("id"), "low");
  EXPECT_GT(lesions[1].at("probabilities").at("bright"), lesions[0].at("probabilities").at("bright"));
}

TEST_F(Inference, AnotherKindOfVolumeIsNotAssessed)
{
  Train("class", { "--inferenceSampler", "grid" });
  WriteVolume(folder / "long.mha", 9, { 18, 19, 60 });
  Good("ServalClassifyVolume", { At("long.mha"), "--model", At("k.safetensors"), "--json", At("c.json"), "--heatmap", At("h.nrrd"), "--threads", "1" });
  EXPECT_EQ(Json("c.json").at("verdict"), "not-assessed");
  EXPECT_NE(Json("c.json").at("reason").get<std::string>().find("covers 120.00 mm along z; the model learned from 40.00 to 40.00"), std::string::npos) << Json("c.json");
  EXPECT_FALSE(Json("c.json").contains("probabilities"));
  EXPECT_FALSE(std::filesystem::exists(At("h.nrrd")));
}

// As a patch of a cache at the same place would have it, on the volume's own grid.
TEST_F(Inference, OnePlaceOfAVolumeIsExplained)
{
  Train("class");
  const Words words{ "--input", At("image3.mha"), "--model", At("k.safetensors"), "--threads", "1", "--method", "guided-backpropagation" };
  const auto  with = [&](const Words & more) {
    auto all = words;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const auto refused = [&](const Words & more, int code, const std::string & text) {
    const auto result = RunModule("ServalMapSaliency", with(more));
    EXPECT_EQ(result.code, code) << text;
    EXPECT_NE(result.error.find(text), std::string::npos) << result.error;
    EXPECT_FALSE(std::filesystem::exists(At("s.nrrd")));
  };
  const Volume image = ReadVolume(At("image3.mha"));
  const auto   middle = image.geometry.PointAt(11, 10, 12);
  const auto   text = std::to_string(middle[0]) + "," + std::to_string(middle[1]) + "," + std::to_string(middle[2]);
  refused({ "--position", text }, 2, "--heatmap or --picture");
  refused({ "--heatmap", At("s.nrrd") }, 2, "one of --position x,y,z and --points FILE");
  refused({ "--heatmap", At("s.nrrd"), "--position", "900,0,0" }, 2, "lies outside of the volume");
  refused({ "--heatmap", At("s.nrrd"), "--position", text, "--cache", At("t.cache") }, 2, "name a volume (--input) or a patch cache (--cache)");
  support::WriteFile(At("two.csv"), "case,x,y,z,coordinates\na,9,9,9,IJK\na,10,9,9,IJK\n");
  refused({ "--heatmap", At("s.nrrd"), "--points", At("two.csv") }, 3, "has 2 points");
  Good("ServalMapSaliency", with({ "--heatmap", At("s.nrrd"), "--position", text, "--picture", At("s.png"), "--json", At("s.json") }));
  support::WriteFile(At("one.csv"), "case,x,y,z,coordinates\na,11,10,12,IJK\n");
  Good("ServalMapSaliency", with({ "--heatmap", At("again.nrrd"), "--points", At("one.csv") }));
  const auto map = ReadVolume(At("s.nrrd"));
  EXPECT_EQ(map.geometry.extent, image.geometry.extent);
  EXPECT_EQ(map.AsFloat(), ReadVolume(At("again.nrrd")).AsFloat());
  EXPECT_TRUE(support::ReadFile(At("s.png")).starts_with("\x89PNG"));
  const auto values = map.AsFloat();
  int        covered = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
  {
    const auto x = int(i % 18), y = int(i / 18 % 19), z = int(i / (18 * 19));
    const bool isNear = std::abs(x - 11) <= 4 && std::abs(y - 10) <= 4 && std::abs(z - 12) <= 4;
    EXPECT_TRUE(isNear || values[i] == 0) << x << ' ' << y << ' ' << z;
    covered += values[i] > 0;
  }
  EXPECT_GT(covered, 256) << "most of the patch's 512 voxels";
  EXPECT_EQ(Json("s.json").at("class"), "bright");
}

TEST_F(Inference, ACohortGoesOnAndIsLocked)
{
  Train("class", { "--inferenceSampler", "grid" });
  const Words words{ "--manifest", At("m.csv"), "--outputDirectory", At("out"), "--model", At("k.safetensors"), "--json", At("c.json"), "--threads", "1" };
  Good("ServalClassifyVolume", words);
  EXPECT_EQ(Json("c.json").at("assessed"), 4);
  EXPECT_EQ(Table::Read(At("out/classifications.csv")).Rows(), 4U);
  std::filesystem::remove(At("out/c1.json"));
  WriteVolume(folder / "image2.mha", 77); // another volume under the same name
  Good("ServalClassifyVolume", words);
  EXPECT_EQ(Json("c.json").at("kept"), 2);
  support::WriteFile(At("image0.mha"), "damaged");
  EXPECT_EQ(RunModule("ServalClassifyVolume", words).code, 6);
  EXPECT_NE(support::ReadFile(At("out/excluded.csv")).find("c0,classify"), std::string::npos);
  const int lock = ::open(At("out/.serval-lock").c_str(), O_RDWR);
  ASSERT_EQ(::flock(lock, LOCK_EX | LOCK_NB), 0);
  const auto second = RunModule("ServalClassifyVolume", words);
  ::close(lock);
  EXPECT_EQ(second.code, 4);
  EXPECT_NE(second.error.find("another run works in"), std::string::npos);
}

TEST_F(Inference, AVolumeIsSegmentedOnItsOwnGrid)
{
  WriteCohort(folder.Path(), 4);
  support::WriteFile(At("train.txt"), "p0\np1\np2\n");
  Good("ServalExtractPatches", { "--manifest", At("m.csv"), "--cache", At("d.cache"), "--size", "8,8,8", "--count", "24", "--classFrom", "none", "--dense", "segmentation", "--denseNames",
                                 "left,dark,bright" });
  Good("ServalPretrainNetwork", { "--cache", At("d.cache"), "--patients", At("train.txt"), "--output", At("s.safetensors"), "--steps", "60", "--batch", "8", "--threads", "1", "--filters", "8",
                                  "--depth", "2", "--learningRate", "0.02" });
  const Words words{ At("image3.mha"), At("found.nii.gz"), "--model", At("s.safetensors"), "--json", At("s.json"), "--probabilities", At("p.nrrd"), "--threads", "1" };
  Good("ServalSegmentVolume", words);
  const auto found = ReadLabels(At("found.nii.gz")), truth = ReadLabels(At("labels3.mha"));
  EXPECT_LT(CornerDistance(found.geometry, truth.geometry), 1e-4);
  // Dark from bright, behind the six voxels that no intensity tells.
  std::size_t right = 0, all = 0;
  const auto  probabilities = ReadVolume(At("p-bright.nrrd")).AsFloat();
  for (std::size_t i = 0; i < truth.labels.size(); ++i)
    if (truth.labels[i] > 0)
    {
      ++all;
      right += (probabilities[i] > 0.5) == (truth.labels[i] == 2);
    }
  EXPECT_GT(double(right), 0.9 * double(all));
  EXPECT_EQ(Json("s.json").at("labels").size(), 3U);
  auto whole = words;
  whole[1] = At("whole.nii.gz");
  whole.insert(whole.end(), { "--windows", "whole" });
  Good("ServalSegmentVolume", whole);
  const auto        once = ReadLabels(At("whole.nii.gz")).labels;
  const std::size_t same = std::inner_product(once.begin(), once.end(), found.labels.begin(), std::size_t{ 0 }, std::plus<>(), std::equal_to<>());
  EXPECT_GT(double(same), 0.8 * double(once.size()));
  EXPECT_EQ(Json("s.json").at("whole"), true);
  EXPECT_EQ(Json("s.json").at("windows"), 1);
  auto flipped = words;
  flipped[1] = At("flipped.nii.gz");
  flipped.emplace_back("--flips");
  Good("ServalSegmentVolume", flipped);
  const auto other = ReadLabels(At("flipped.nii.gz")).labels;
  EXPECT_NE(other, found.labels);
}

} // namespace
} // namespace serval::commands
