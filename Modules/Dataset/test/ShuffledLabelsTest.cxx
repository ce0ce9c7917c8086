#include "serval/Core/Error.h"
#include "serval/Dataset/ShuffledLabels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace serval
{
namespace
{

using Names = std::vector<std::string>;
using Classes = std::vector<int>;

Classes Sorted(Classes classes)
{
  std::ranges::sort(classes);
  return classes;
}

TEST(ShuffleLabels, PatientsOfOneClassSwapAsWholes)
{
  const Names   patients{ "a", "a", "b", "b", "b", "c", "d", "d" };
  const Classes classes{ 0, 0, 1, 1, -1, 1, 2, 2 };
  std::map<Classes, int> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed)
  {
    const auto shuffled = ShuffleLabels(patients, classes, seed);
    EXPECT_TRUE(shuffled.ofPatients);
    EXPECT_EQ(shuffled.classes[0], shuffled.classes[1]);
    EXPECT_EQ(shuffled.classes[2], shuffled.classes[3]);
    EXPECT_EQ(shuffled.classes[4], -1);
    EXPECT_EQ(Sorted({ shuffled.classes[0], shuffled.classes[2], shuffled.classes[5], shuffled.classes[6] }), (Classes{ 0, 1, 1, 2 }));
    EXPECT_GT(shuffled.changed, 0U);
    ++seen[shuffled.classes];
  }
  EXPECT_EQ(seen.size(), 11U); // 4! / 2! orders, without the one that there was
}

TEST(ShuffleLabels, RowsWithClassesOfTheirOwnSwapBetweenPatients)
{
  const Names   patients{ "a", "a", "b", "b", "b", "b" };
  const Classes classes{ 0, 1, 1, 1, 0, -1 };
  std::set<Classes> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed)
  {
    const auto shuffled = ShuffleLabels(patients, classes, seed);
    EXPECT_FALSE(shuffled.ofPatients);
    EXPECT_EQ(Sorted(shuffled.classes), Sorted(classes));
    EXPECT_EQ(shuffled.classes[5], -1);
    EXPECT_NE(shuffled.classes, classes);
    seen.insert(shuffled.classes);
  }
  EXPECT_EQ(seen.size(), 9U); // 5! / (3! 2!) orders, without the one that there was
}

TEST(ShuffleLabels, DependsOnTheSeedAndNotOnTheOrderOfPatients)
{
  const auto forth = ShuffleLabels({ "a", "b", "c", "d" }, { 0, 0, 1, 1 }, 3);
  const auto back = ShuffleLabels({ "d", "c", "b", "a" }, { 1, 1, 0, 0 }, 3);
  EXPECT_EQ(forth.classes, ShuffleLabels({ "a", "b", "c", "d" }, { 0, 0, 1, 1 }, 3).classes);
  EXPECT_EQ(forth.classes, (Classes{ back.classes.rbegin(), back.classes.rend() }));
}

TEST(ShuffleLabels, RefusesWhatCannotBeShuffled)
{
  EXPECT_THROW(ShuffleLabels({ "a", "a" }, { 0, 1 }, 1), Error);
  EXPECT_THROW(ShuffleLabels({ "a", "b" }, { 1, 1 }, 1), Error);
  EXPECT_THROW(ShuffleLabels({ "a", "b" }, { 1, -1 }, 1), Error);
  EXPECT_THROW(ShuffleLabels({}, {}, 1), Error);
}

} // namespace
} // namespace serval
