#include "serval/Cache/UniteCaches.h"

#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Core/Error.h"

#include "CachePhantom.h"
#include "Support.h"

#include <gtest/gtest.h>

namespace serval
{
namespace
{

using support::ErrorText;
using support::ExpectHas;

class UnitedCaches : public testing::Test
{
protected:
  support::TemporaryFolder folder;

  // Two cases of three patches; `shift` tells the voxels of the sources apart.
  PatchCache Source(const std::string & name, const std::vector<std::string> & classes, double shift, const CacheDescription & like = Describe()) const
  {
    auto description = like;
    description.classNames = classes;
    PatchCacheWriter writer(folder / name, description);
    for (int i = 0; i < 2; ++i)
    {
      auto one = Make<std::int16_t>(Concat("case", i), PixelType::Int16, 3, shift + 7.0 * i);
      one.sourceFingerprint = Concat("content ", shift, ' ', i);
      for (std::size_t n = 0; n < 3; ++n)
        one.classes[n] = classes.empty() ? -1 : static_cast<int>(n % classes.size());
      if (description.segmentationNames.empty())
        one.segmentation.clear();
      writer.Add(one);
    }
    writer.Commit();
    return PatchCache(folder / name);
  }
  UnionResult Unite(const PatchCache & a, const PatchCache & b, bool samePatients = false) const
  {
    return WriteUnion({ &a, &b }, { "a", "b" }, samePatients, "{}", folder / "u.cache");
  }
};

TEST_F(UnitedCaches, KeepEveryPatchUnderItsSourcesName)
{
  const auto       a = Source("a", { "cat", "dog" }, 0), b = Source("b", { "dog" }, 100);
  const auto       found = Unite(a, b);
  const PatchCache united(folder / "u.cache");
  EXPECT_EQ(found.patches, 12U);
  ASSERT_EQ(united.Patches().size(), 12U);
  EXPECT_EQ(united.Description().classNames, (std::vector<std::string>{ "a/cat", "a/dog", "b/dog" }));
  for (std::size_t i = 0; i < 12; ++i)
  {
    const auto & source = i < 6 ? a : b;
    const auto & old = source.Patches()[i % 6];
    const auto & now = united.Patches()[i];
    EXPECT_EQ(united.ReadRaw(i), source.ReadRaw(i % 6));
    EXPECT_EQ(united.Description().classNames[static_cast<std::size_t>(now.classIndex)],
              (i < 6 ? "a/" : "b/") + source.Description().classNames[static_cast<std::size_t>(old.classIndex)]);
    EXPECT_EQ(united.Cases()[now.caseIndex].sourceFingerprint, source.Cases()[old.caseIndex].sourceFingerprint);
    EXPECT_EQ(united.Cases()[now.caseIndex].patient, (i < 6 ? "a/" : "b/") + source.Cases()[old.caseIndex].patient);
    EXPECT_EQ(now.corner, old.corner);
  }
  EXPECT_EQ(united.Patients().size(), a.Patients().size() + b.Patients().size());
  for (const auto * source : { &a, &b })
    ExpectHas(united.Description().parameters, source->Fingerprint());
  const auto before = united.Fingerprint();
  Unite(a, b);
  EXPECT_EQ(PatchCache(folder / "u.cache").Fingerprint(), before);
}

TEST_F(UnitedCaches, PatientsMayBeTheSame)
{
  const auto a = Source("a", { "cat" }, 0), b = Source("b", { "cat" }, 100), again = Source("c", { "dog" }, 0);
  Unite(a, b, true);
  EXPECT_EQ(PatchCache(folder / "u.cache").Patients(), a.Patients());
  ExpectHas(ErrorText([&] { Unite(a, again); }, Fault::Input), "case case0 of b has the voxels of a case of a");
  EXPECT_EQ(Unite(a, again, true).patches, 12U);
}

TEST_F(UnitedCaches, UnlikeSourcesAreRefusedByName)
{
  const auto a = Source("a", { "cat" }, 0);
  auto       other = Describe();
  other.segmentationNames.clear();
  other.segmentationKind.clear();
  const auto plain = Source("plain", { "cat" }, 100, other);
  EXPECT_FALSE(Unite(a, plain).hasSegmentation);
  EXPECT_FALSE(PatchCache(folder / "u.cache").HasSegmentation());
  std::filesystem::remove_all(folder / "u.cache");
  auto wide = Make<float>("case9", PixelType::Float32, 2, 5.0);
  {
    PatchCacheWriter writer(folder / "f", Describe());
    wide.sourceFingerprint = "content of floats";
    writer.Add(wide);
    writer.Commit();
  }
  const PatchCache floats(folder / "f");
  ExpectHas(ErrorText([&] { Unite(a, floats); }, Fault::Input), "b holds voxels of type float32, a of type int16");
  other.patch = { 6, 6, 7 };
  {
    auto             one = Make<std::int16_t>("case9", PixelType::Int16, 1, 3.0);
    PatchCacheWriter writer(folder / "large", other);
    one.image.resize(6 * 6 * 7 * sizeof(std::int16_t));
    one.segmentation.clear();
    one.geometries.front().extent = { 6, 6, 7 };
    writer.Add(one);
    writer.Commit();
  }
  const PatchCache large(folder / "large");
  ExpectHas(ErrorText([&] { Unite(a, large); }, Fault::Input), "b holds patches of 6x6x7 voxels");
  ErrorText([&] { WriteUnion({ &a }, { "a" }, false, "{}", folder / "u.cache"); }, Fault::Usage);
  EXPECT_FALSE(std::filesystem::exists(folder / "u.cache"));
}

} // namespace
} // namespace serval
