// Kernels and feature maps of a network.
#include "GalleryFixture.h"

namespace serval::commands
{
namespace
{

class RenderNetwork : public GalleryFixture
{
protected:
  RenderNetwork()
    : GalleryFixture("ServalRenderNetwork", "k.safetensors")
  {}
  void SetUp() override
  {
    GalleryFixture::SetUp();
    const auto trained = RunModule("ServalTrainClassifier", { "--cache", At("t.cache"), "--output", At("k.safetensors"), "--steps", "2", "--batch", "4", "--filters", "4",
                                                              "--depth", "2", "--threads", "1" });
    ASSERT_EQ(trained.code, 0) << trained.error;
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

// Maps of the very patches that a gallery shows.
TEST_F(RenderNetwork, SaliencyIsMappedOfThePatchesNamed)
{
  const Words words{ "--cache", At("t.cache"), "--model", At("k.safetensors"), "--output", At("maps"), "--threads", "1", "--patches" };
  const auto  with = [&words](const std::string & patches) {
    auto all = words;
    all.push_back(patches);
    return all;
  };
  const auto refused = RunModule("ServalMapSaliency", with("3,99999"));
  EXPECT_EQ(refused.code, 2) << refused.error;
  EXPECT_NE(refused.error.find("--patches names 99999"), std::string::npos) << refused.error;
  EXPECT_FALSE(std::filesystem::exists(At("maps")));
  const auto mapped = RunModule("ServalMapSaliency", with("7,3"));
  ASSERT_EQ(mapped.code, 0) << mapped.error;
  EXPECT_EQ(support::Names(At("maps")), (Words{ "patch-3-image.nrrd", "patch-3-saliency.nrrd", "patch-7-image.nrrd", "patch-7-saliency.nrrd", "saliency.csv" }));
}

} // namespace
} // namespace serval::commands
