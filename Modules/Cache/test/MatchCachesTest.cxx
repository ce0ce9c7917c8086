#include "serval/Cache/MatchCaches.h"
#include "serval/Core/Error.h"

#include "CachePhantom.h"
#include "Support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace serval
{
namespace
{

using support::ErrorText;
using support::ExpectHas;

// Cases of so many patches each, class of patch n of a case: n modulo the number of classes.
void WriteSource(const std::filesystem::path & folder, const std::vector<int> & counts, const std::vector<std::string> & classes)
{
  auto description = Describe();
  description.classNames = classes;
  PatchCacheWriter writer(folder, description);
  for (std::size_t i = 0; i < counts.size(); ++i)
  {
    auto one = Make<std::int16_t>(Concat("case", i), PixelType::Int16, counts[i], 7.0 * double(i));
    for (std::size_t n = 0; n < one.classes.size(); ++n)
      one.classes[n] = classes.empty() ? -1 : static_cast<int>(n % classes.size());
    writer.Add(one);
  }
  writer.Commit();
}

class MatchedSources : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  PatchCache Source(const std::string & name, const std::vector<int> & counts, const std::vector<std::string> & classes) const
  {
    WriteSource(folder / name, counts, classes);
    return PatchCache(folder / name);
  }
};

TEST_F(MatchedSources, HaveExactlyAlikeNumbersNestedAndSpreadOverPatients)
{
  const auto                 a = Source("a", { 20, 20, 20, 20 }, { "cat", "dog" }), b = Source("b", { 90, 31 }, { "x", "y", "z" });
  std::set<std::size_t>      before;
  for (const std::size_t perClass : { 4U, 9U, 40U })
  {
    const MatchPlan plan{ perClass, 2, 5 };
    const auto      matched = MatchSources({ &a, &b }, { "a", "b" }, plan);
    std::map<int, std::size_t> perPatient;
    for (const std::size_t s : { 0U, 1U })
    {
      const auto &                   source = s == 0 ? a : b;
      std::map<int, std::size_t>     counts;
      for (const auto at : matched[s].patches)
        ++counts[source.Patches()[at].classIndex];
      ASSERT_EQ(counts.size(), 2U);
      for (const auto & [one, count] : counts)
        EXPECT_EQ(count, perClass) << one;
    }
    for (const auto at : matched[0].patches)
      ++perPatient[static_cast<int>(a.Patches()[at].caseIndex)];
    EXPECT_EQ(perPatient.size(), 4U);
    for (const auto & [patient, count] : perPatient)
      EXPECT_LE(count, 2 * ((perClass + 3) / 4)) << "no patient gives a second patch of a class before all gave one";
    const std::set<std::size_t> now(matched[0].patches.begin(), matched[0].patches.end());
    EXPECT_TRUE(std::includes(now.begin(), now.end(), before.begin(), before.end())) << "nested";
    before = now;
  }
  EXPECT_NE(MatchSources({ &a }, { "a" }, { 3, 2, 1 })[0].patches, MatchSources({ &a }, { "a" }, { 3, 2, 2 })[0].patches);
}

TEST_F(MatchedSources, AreCachesThatHoldTheSamePatches)
{
  const auto      source = Source("b.cache", { 9, 12 }, { "x", "y", "z" });
  const MatchPlan plan{ 3, 2, 1 };
  const auto      matched = MatchSources({ &source }, { "b" }, plan)[0];
  WriteMatched(source, matched, plan, "{}", folder / "m.cache");
  const PatchCache copy(folder / "m.cache");
  ASSERT_EQ(copy.Patches().size(), 6U);
  EXPECT_EQ(copy.Description().classNames.size(), 2U);
  for (std::size_t i = 0; i < 6; ++i)
  {
    const auto & old = source.Patches()[matched.patches[i]];
    const auto & now = copy.Patches()[i];
    EXPECT_EQ(copy.ReadRaw(i), source.ReadRaw(matched.patches[i]));
    EXPECT_EQ(now.corner, old.corner);
    EXPECT_EQ(copy.Description().classNames[static_cast<std::size_t>(now.classIndex)],
              source.Description().classNames[static_cast<std::size_t>(old.classIndex)]);
    EXPECT_EQ(copy.Cases()[now.caseIndex].patient, source.Cases()[old.caseIndex].patient);
    EXPECT_EQ(copy.Cases()[now.caseIndex].intensity.front().mean, 10);
  }
  WriteMatched(source, matched, plan, "{}", folder / "m.cache");
  EXPECT_EQ(PatchCache(folder / "m.cache").Fingerprint(), copy.Fingerprint());
}

TEST_F(MatchedSources, WhatCannotBeSuppliedIsRefusedByName)
{
  const auto a = Source("a", { 20 }, { "cat", "dog" }), b = Source("b", { 9 }, { "x", "y", "z" }), none = Source("n", { 5, 4 }, {});
  const auto refusal = [](const std::vector<const PatchCache *> & sources, const std::vector<std::string> & names, const MatchPlan & plan) {
    return ErrorText([&] { MatchSources(sources, names, plan); }, Fault::Input);
  };
  ExpectHas(refusal({ &a, &b }, { "A", "B" }, { 2, 0, 1 }), "B has 3 classes, A 2");
  ExpectHas(refusal({ &a, &b }, { "A", "B" }, { 4, 2, 1 }), "B has 3 patches of class 'x'; 4 are wanted");
  ExpectHas(refusal({ &a, &b }, { "A", "B" }, { 1, 3, 1 }), "A has 2 classes; 3 are wanted");
  ExpectHas(refusal({ &a, &none }, { "A", "N" }, { 1, 0, 1 }), "only one has classes");
  ExpectHas(refusal({ &none }, { "N" }, { 10, 0, 1 }), "N has 9 patches; 10 are wanted");
  EXPECT_EQ(MatchSources({ &none }, { "N" }, { 6, 0, 1 })[0].patches.size(), 6U);
  {
    auto description = Describe();
    description.patch = { 7, 6, 5 };
    PatchCacheWriter writer(folder / "other", description);
    auto             one = Make<float>("a", PixelType::Float32, 2, 0);
    for (auto & geometry : one.geometries)
      geometry.extent = description.patch;
    writer.Add(one);
    writer.Commit();
  }
  const PatchCache other(folder / "other");
  ExpectHas(refusal({ &a, &other }, { "A", "O" }, { 1, 0, 1 }), "O holds patches of 7x6x5 voxels");
}

} // namespace
} // namespace serval
