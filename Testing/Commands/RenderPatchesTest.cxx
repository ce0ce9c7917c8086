// Galleries of a cache's patches: by class, and the errors of one model or several.
#include "GalleryFixture.h"
#include "serval/Cache/PatchCache.h"

#include <nlohmann/json.hpp>

#include <set>

namespace serval::commands
{
namespace
{

class RenderPatches : public GalleryFixture
{
protected:
  RenderPatches()
    : GalleryFixture("ServalRenderPatches", "t.cache")
  {}
  /// The patches that are drawn.
  std::vector<std::size_t> Patches(const Words & more) const
  {
    Drawn(more);
    return nlohmann::json::parse(support::ReadFile(At("p.json"))).at("patches");
  }
  /// Answers to all patches: wrong ones for the patches named, the surer the earlier they stand.
  void WritePredictions(const std::string & name, const std::vector<std::size_t> & wrong) const
  {
    const PatchCache cache(At("t.cache"));
    std::string      text = "patient,case,unit,unit_id,truth,p_outside,p_lower,p_upper\n";
    for (std::size_t i = 0; i < cache.Patches().size(); ++i)
    {
      const auto & patch = cache.Patches()[i];
      const auto   place = std::find(wrong.begin(), wrong.end(), i) - wrong.begin();
      const bool   isWrong = place < std::ssize(wrong);
      const int    said = isWrong ? (patch.classIndex + 1) % 3 : patch.classIndex;
      const auto & from = cache.Cases()[patch.caseIndex];
      text += from.patient + "," + from.caseId + ",patch," + std::to_string(i) + "," + cache.Description().classNames[std::size_t(patch.classIndex)];
      for (int c = 0; c < 3; ++c)
        text += "," + std::to_string(c == said ? 0.9 - 0.1 * double(isWrong ? place : 0) : (0.1 + 0.1 * double(isWrong ? place : 0)) / 2);
      text += "\n";
    }
    support::WriteFile(At(name), text);
  }
};

TEST_F(RenderPatches, SomeOfEachClassAreDrawnByTheSeed)
{
  const auto       first = Patches({ "--count", "3" });
  const PatchCache cache(At("t.cache"));
  ASSERT_EQ(first.size(), 9U);
  for (std::size_t i = 0; i < 9; ++i)
    EXPECT_EQ(cache.Patches()[first[i]].classIndex, int(i / 3));
  const auto picture = support::ReadFile(At("p.png"));
  EXPECT_EQ(Patches({ "--count", "3" }), first);
  EXPECT_EQ(support::ReadFile(At("p.png")), picture);
  EXPECT_NE(Patches({ "--count", "3", "--seed", "2" }), first);
  EXPECT_EQ(Patches({ "--count", "3", "--classes", "upper", "--theme", "dark", "--plane", "coronal" }), (std::vector<std::size_t>{ first.begin() + 6, first.end() }));
}

TEST_F(RenderPatches, TheMostConfidentErrorsComeFirst)
{
  WritePredictions("a.csv", { 7, 2, 11 });
  WritePredictions("b.csv", { 11, 5 });
  EXPECT_EQ(Patches({ "--predictions", At("a.csv") }), (std::vector<std::size_t>{ 7, 2, 11 }));
  EXPECT_EQ(Patches({ "--predictions", At("a.csv"), "--count", "2" }), (std::vector<std::size_t>{ 7, 2 }));
  EXPECT_EQ(Patches({ "--predictions", At("a.csv"), "--predictions", At("b.csv"), "--arms", "scratch,tuned" }), (std::vector<std::size_t>{ 7, 11, 2, 5 }));
}

TEST_F(RenderPatches, OnePatientMayHaveOneErrorOnly)
{
  WritePredictions("a.csv", { 7, 2, 11, 3 });
  const PatchCache      cache(At("t.cache"));
  std::set<std::string> seen;
  std::vector<std::size_t> first;
  for (const std::size_t patch : { 7, 2, 11, 3 })
    if (seen.insert(cache.Cases()[cache.Patches()[patch].caseIndex].patient).second)
      first.push_back(patch);
  ASSERT_LT(first.size(), 4U);
  EXPECT_EQ(Patches({ "--predictions", At("a.csv"), "--onePerPatient" }), first);
}

TEST_F(RenderPatches, WhatDoesNotBelongTogetherIsRefused)
{
  Refused({ "--classes", "middle" }, 2, "no class 'middle'");
  Refused({ "--channel", "1" }, 2, "has 1 channels");
  WritePredictions("right.csv", {});
  Refused({ "--predictions", At("right.csv") }, 3, "all predictions are right");
  Refused({ "--predictions", At("right.csv"), "--arms", "a,b" }, 2, "--arms has 2 names");
  Refused({ "--predictions", At("right.csv"), "--saliency", At("none"), "--saliency", At("none") }, 2, "--saliency names 2 folders");
  support::WriteFile(At("other.csv"), "patient,case,unit_id,truth,p_outside,p_lower,p_upper\np0,c0,4711,lower,1,0,0\n");
  Refused({ "--predictions", At("other.csv") }, 3, "no patch of its case in this cache");
  Refused({ "--across", "60" }, 2, "no room");
  const auto missing = RunModule("ServalRenderPatches", { At("none.cache"), At("p.png") });
  EXPECT_EQ(missing.code, 3) << missing.error;
}

} // namespace
} // namespace serval::commands
