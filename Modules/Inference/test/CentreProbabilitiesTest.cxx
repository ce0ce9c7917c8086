#include "serval/Inference/Probabilities.h"

#include "serval/Core/Error.h"

#include "Support.h"

#include <gtest/gtest.h>

namespace serval
{
namespace
{

using Names = std::vector<std::string>;
using Places = std::vector<std::size_t>;

TEST(CentreVoxel, IsThePlaceOfThePatch)
{
  EXPECT_EQ(CentreVoxel({ 5, 6, 7 }), (Extent{ 2, 3, 3 }));
  EXPECT_EQ(CentreVoxel({ 8, 8, 1 }), (Extent{ 4, 4, 0 }));
}

TEST(ClassesOfLabels, AreThoseOfEqualNamesOrAsTold)
{
  EXPECT_EQ(ClassesOfLabels({ "back", "front", "rear" }, { "rear", "back", "front" }, {}), (Places{ 1, 2, 0 }));
  EXPECT_EQ(ClassesOfLabels({ "background", "front", "rear" }, { "outside", "front", "rear" }, { "background=outside" }), (Places{ 0, 1, 2 }));
  EXPECT_EQ(ClassesOfLabels({ "air", "fat", "gland" }, { "air", "tissue" }, { "fat=tissue", "gland=tissue" }), (Places{ 0, 1, 1 }));
}

TEST(ClassesOfLabels, ALabelWithoutAClassIsLeftOutWhenToldSo)
{
  const auto two = ClassesOfLabels({ "outside", "front", "rear" }, { "front", "rear" }, { "outside=" });
  EXPECT_EQ(two[1], 0U);
  EXPECT_EQ(two[2], 1U);
  EXPECT_GT(two[0], 1U);
  EXPECT_EQ(ClassesOfLabels({ "outside", "front", "rear" }, { "outside", "front", "rear" }, { "outside=" }), (Places{ 0, 1, 2 }));
}

TEST(ClassesOfLabels, WhatIsLeftOverIsNamed)
{
  const auto refusal = [](const Names & labels, const Names & classes, const Names & rules, Fault fault) {
    return support::ErrorText([&] { ClassesOfLabels(labels, classes, rules); }, fault);
  };
  support::ExpectHas(refusal({ "background", "front" }, { "outside", "front" }, {}, Fault::Input), "no class for the labels background, no label for the classes outside");
  support::ExpectHas(refusal({ "front" }, { "front", "rear" }, {}, Fault::Input), "no label for the classes rear");
  support::ExpectHas(refusal({ "front", "rear" }, { "front" }, {}, Fault::Input), "no class for the labels rear");
  support::ExpectHas(refusal({ "front", "rear" }, { "front", "rear" }, { "frot=front" }, Fault::Usage), "did you mean front?");
  support::ExpectHas(refusal({ "front", "rear" }, { "front", "rear" }, { "front=back" }, Fault::Usage), "the cache's class 'back' is unknown");
  support::ExpectHas(refusal({ "front", "rear" }, { "front", "rear" }, { "front" }, Fault::Usage), "not LABEL=CLASS");
  support::ExpectHas(refusal({ "front", "rear" }, { "front", "rear" }, { "front=rear", "front=front" }, Fault::Usage), "stands twice");
}

} // namespace
} // namespace serval
