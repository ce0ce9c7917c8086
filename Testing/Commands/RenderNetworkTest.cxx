// Kernels and feature maps of a network.
#include "CommandSupport.h"

#include <gtest/gtest.h>

namespace serval::commands
{
namespace
{

class RenderNetwork : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  std::string At(const std::string & name) const { return (folder / name).string(); }
  void        SetUp() override
  {
    WriteCohort(folder.Path(), 3);
    ASSERT_EQ(RunModule("ServalExtractPatches", Extraction(At("m.csv"), At("t.cache"))).code, 0);
    const auto trained = RunModule("ServalTrainClassifier", { "--cache", At("t.cache"), "--output", At("k.safetensors"), "--steps", "2", "--batch", "4", "--filters", "4",
                                                              "--depth", "2", "--threads", "1" });
    ASSERT_EQ(trained.code, 0) << trained.error;
  }
  /// What the command says.
  std::string Drawn(const Words & more) const
  {
    auto words = more;
    words.insert(words.begin(), { At("k.safetensors"), At("p.png") });
    const auto result = RunModule("ServalRenderNetwork", words);
    EXPECT_EQ(result.code, 0) << result.error;
    EXPECT_TRUE(support::ReadFile(At("p.png")).starts_with("\x89PNG"));
    return result.output;
  }
  void Refused(const Words & more, int code, const std::string & text) const
  {
    auto words = more;
    words.insert(words.begin(), { At("k.safetensors"), At("no.png") });
    const auto result = RunModule("ServalRenderNetwork", words);
    EXPECT_EQ(result.code, code) << text;
    EXPECT_NE(result.error.find(text), std::string::npos) << result.error;
    EXPECT_FALSE(std::filesystem::exists(At("no.png")));
  }
};

TEST_F(RenderNetwork, KernelsAndMapsOfALayerAreDrawn)
{
  support::ExpectHas(Drawn({}), "4 of 4 kernels of encoder1");
  support::ExpectHas(Drawn({ "--layer", "encoder2", "--count", "3", "--channel", "1", "--theme", "dark" }), "3 of 8 kernels of encoder2");
  support::ExpectHas(Drawn({ "--layer", "encoder2", "--cache", At("t.cache"), "--patch", "5", "--threads", "1" }), "8 of 8 maps of encoder2, 4x4x4 voxels");
  Refused({ "--layer", "encoder9" }, 2, "no convolution in a layer 'encoder9'");
  Refused({ "--channel", "1" }, 2, "1 is none of them");
  Refused({ "--cache", At("t.cache") }, 2, "--cache needs --layer");
  Refused({ "--cache", At("t.cache"), "--layer", "encoder1", "--patch", "99999" }, 2, "99999 is none of them");
  Refused({ "--cache", At("t.cache"), "--layer", "classifier", "--threads", "1" }, 2, "has no maps with space");
}

} // namespace
} // namespace serval::commands
