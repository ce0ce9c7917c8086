#include "serval/Core/Error.h"
#include "serval/Core/Geometry.h"
#include "serval/Core/Hash.h"
#include "serval/Core/LargeVector.h"
#include "serval/Core/Random.h"
#include "serval/Core/Table.h"
#include "serval/Core/TensorFile.h"
#include "serval/Core/Text.h"
#include "serval/Core/TilePlan.h"

#include "Support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace serval
{

TEST(Geometry, PointsFollowObliqueAxesAndUnequalSpacing)
{
  Geometry geometry{ { 5, 6, 7 }, { 0.5, 2, 3 }, { 10, -20, 30 }, { 0, -1, 0, 1, 0, 0, 0, 0, 1 } };
  const Point point = geometry.PointAt(4, 3, 2);
  EXPECT_DOUBLE_EQ(point[0], 10 - 3 * 2);
  EXPECT_DOUBLE_EQ(point[1], -20 + 4 * 0.5);
  EXPECT_DOUBLE_EQ(point[2], 30 + 2 * 3);
}

TEST(Geometry, BlockKeepsEveryVoxelInPlace)
{
  const Geometry whole{ { 9, 8, 7 }, { 1, 2, 3 }, { 1, 2, 3 }, { 0.6, -0.8, 0, 0.8, 0.6, 0, 0, 0, 1 } };
  const Geometry block = whole.Block({ 2, 3, 1 }, { 4, 4, 4 });
  const Point    a = block.PointAt(1, 2, 3), b = whole.PointAt(3, 5, 4);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_NEAR(a[i], b[i], 1e-12);
}

TEST(Geometry, CornerDistanceIsInMillimetresAndNaNIsFar)
{
  const Geometry a{ { 5, 5, 5 }, { 1, 1, 2 }, {}, {} };
  Geometry       b{ { 5, 5, 5 }, { 1, 1, 2 }, { 0, 3, 4 }, {} };
  EXPECT_DOUBLE_EQ(CornerDistance(a, a), 0);
  EXPECT_DOUBLE_EQ(CornerDistance(a, b), 5);
  b.origin[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(CornerDistance(a, b) < 1e9);
}

TEST(Geometry, TensorOrderIsTurned) { EXPECT_EQ(TensorShape({ 5, 6, 7 }), (std::array<std::int64_t, 3>{ 7, 6, 5 })); }

TEST(Random, SeedsDependOnEveryWord)
{
  const std::set<std::uint64_t> seeds{ DeriveSeed(1, { "a", "b" }), DeriveSeed(1, { "ab" }), DeriveSeed(2, { "a", "b" }),
                                       DeriveSeed(1, { "b", "a" }) };
  EXPECT_EQ(seeds.size(), 4U);
  EXPECT_EQ(DeriveSeed(1, { "a", "b" }), DeriveSeed(1, { "a", "b" }));
}

TEST(Random, BelowIsUniform)
{
  std::mt19937_64  random(7);
  std::vector<int> counts(5);
  for (int i = 0; i < 50000; ++i)
    ++counts[UniformBelow(5, random)];
  for (const int count : counts)
    EXPECT_NEAR(count, 10000, 400); // 4.5 standard deviations
}

TEST(Random, ShuffleKeepsTheItems)
{
  std::mt19937_64  random(7);
  std::vector<int> items{ 1, 2, 3, 4, 5 };
  Shuffle(items, random);
  EXPECT_EQ(std::set<int>(items.begin(), items.end()), (std::set<int>{ 1, 2, 3, 4, 5 }));
}

TEST(Hash, KnownVectors)
{
  EXPECT_EQ(Sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-2, B.1
  EXPECT_EQ(KeyedHash("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"); // RFC 4231, case 2
}

TEST(Text, NumbersAreWholeAndFreeOfLocale)
{
  EXPECT_EQ(ParseDouble("1e-07"), 1e-7);
  EXPECT_EQ(ParseDouble("+2.5"), 2.5);
  EXPECT_FALSE(ParseDouble("1,5"));
  EXPECT_FALSE(ParseDouble(""));
  EXPECT_FALSE(ParseInteger("3.0"));
  EXPECT_EQ(FormatNumber(0.1), "0.1");
  EXPECT_EQ(FormatFixed(std::nan(""), 2), "nan");
}

TEST(Text, NearestWordKnowsTyposOnly)
{
  EXPECT_EQ(NearestWord("sead", { "seed", "steps" }), "seed");
  EXPECT_EQ(NearestWord("zzzzzz", { "seed", "steps" }), "");
}

TEST(Table, ReadsWhatItWrites)
{
  Table table({ "case", "note" });
  table.AddRow({ "001", "a \"quoted\", comma" });
  table.AddRow({ "002", "two\nlines" });
  const Table again = Table::Parse(table.ToText(), "memory");
  EXPECT_EQ(again.At(0, "note"), "a \"quoted\", comma");
  EXPECT_EQ(again.At(1, "note"), "two\nlines");
  EXPECT_EQ(again.At(0, "case"), "001"); // leading zeros stay
}

TEST(Table, NamesWhatIsWrong)
{
  const auto message = [](const std::string & text) -> std::string {
    try
    {
      Table::Parse(text, "t.csv");
    }
    catch (const Error & e)
    {
      EXPECT_EQ(e.Kind(), Fault::Input);
      return e.what();
    }
    return "no error";
  };
  EXPECT_NE(message("a,a\n1,2\n").find("'a' stands twice"), std::string::npos);
  EXPECT_NE(message("a,b\n1\n").find("line 2"), std::string::npos);
  EXPECT_NE(message("a,b\n\"1,2\n").find("never closed"), std::string::npos);
  EXPECT_NE(message("").find("empty"), std::string::npos);
}

TEST(LargeVector, HoldsZerosOrWhatIsWritten)
{
  for (const std::size_t count : { 0U, 3U, 3U << 20 })
  {
    const auto zeros = LargeVector<short>(count);
    ASSERT_EQ(zeros.size(), count);
    EXPECT_EQ(std::count(zeros.begin(), zeros.end(), 0), static_cast<std::ptrdiff_t>(count));
    RawBytes bytes(count);
    std::fill(bytes.begin(), bytes.end(), std::byte{ 7 });
    bytes.resize(2 * count + 1);
    EXPECT_EQ(std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count), std::byte{ 7 }),
              static_cast<std::ptrdiff_t>(count));
    EXPECT_EQ(RawBytes(2, std::byte{ 5 }), (RawBytes{ std::byte{ 5 }, std::byte{ 5 } }));
  }
}

TEST(TensorFile, KeepsBitsAndRefusesDamage)
{
  const support::TemporaryFolder folder;
  TensorFile                     file;
  file.metadata["schema"] = "x";
  file.arrays["a"] = { { 2, 3 }, { 1, -0.0F, 3e-39F, 4, 5, 6 } };
  file.arrays["b"] = { {}, { 7 } };
  file.Write(folder / "m.safetensors");
  const TensorFile again = TensorFile::Read(folder / "m.safetensors");
  EXPECT_EQ(again.metadata, file.metadata);
  EXPECT_EQ(again.arrays.at("a").shape, file.arrays.at("a").shape);
  EXPECT_EQ(again.arrays.at("a").values, file.arrays.at("a").values);
  const std::string bytes = support::ReadFile(folder / "m.safetensors");
  for (const std::size_t length : { std::size_t{ 0 }, std::size_t{ 5 }, std::size_t{ 30 }, bytes.size() - 1 })
  {
    support::WriteFile(folder / "cut", bytes.substr(0, length));
    EXPECT_THROW(TensorFile::Read(folder / "cut"), Error) << length;
  }
}

TEST(TilePlan, CoversEveryVoxelAndOverlaps)
{
  for (const std::int64_t size : { 5, 16, 17, 40, 100 })
  {
    const auto       tiles = PlanTiles({ size, 16, 16 }, { 16, 16, 16 }, 0.25);
    std::vector<int> covered(static_cast<std::size_t>(size));
    for (std::size_t t = 0; t < tiles.size(); ++t)
    {
      EXPECT_TRUE(t == 0 || tiles[t - 1].x + 16 - tiles[t].x >= 4) << size;
      for (std::int64_t x = std::max<std::int64_t>(0, tiles[t].x); x < std::min(size, tiles[t].x + 16); ++x)
        ++covered[static_cast<std::size_t>(x)];
    }
    EXPECT_EQ(std::count(covered.begin(), covered.end(), 0), 0) << size;
    EXPECT_TRUE(size < 16 || (tiles.front().x == 0 && tiles.back().x == size - 16));
  }
  EXPECT_EQ(PlanTiles({ 256, 256, 160 }, { 96, 96, 96 }, 0.25).size(), 32U);
  EXPECT_THROW(PlanTiles({ 9, 9, 9 }, { 4, 4, 4 }, 1), Error);
}

TEST(TilePlan, WeightsAreAGaussian)
{
  const auto weights = TileWeights({ 16, 16, 1 });
  EXPECT_NEAR(weights[8 * 16 + 8], std::exp(-0.5 * 2 * 0.25 * 0.25), 1e-6); // half a voxel off, of a deviation of two
  EXPECT_EQ(weights[0], 1e-3F);
  EXPECT_EQ(weights[8 * 16 + 8], weights[7 * 16 + 7]);
}

} // namespace serval
