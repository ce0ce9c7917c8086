#include "Histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace serval
{
namespace
{

double VarianceBetween(const Histogram & histogram, std::vector<std::size_t> edges)
{
  edges.insert(edges.begin(), 0);
  edges.push_back(histogram.counts.size());
  double sum = 0;
  for (std::size_t part = 0; part + 1 < edges.size(); ++part)
  {
    double weight = 0, moment = 0;
    for (std::size_t bin = edges[part]; bin < edges[part + 1]; ++bin)
    {
      weight += static_cast<double>(histogram.counts[bin]);
      moment += static_cast<double>(histogram.counts[bin] * bin);
    }
    sum += weight > 0 ? moment * moment / weight : 0;
  }
  return sum;
}

Histogram RandomHistogram(unsigned seed)
{
  std::mt19937 random(seed);
  Histogram    histogram;
  histogram.low = -5;
  histogram.width = 2;
  for (int bin = 0; bin < 20; ++bin)
    histogram.counts.push_back(random() % 50);
  return histogram;
}

TEST(Otsu, IsTheBestOfAllThresholds)
{
  for (unsigned seed = 0; seed < 20; ++seed)
  {
    const Histogram histogram = RandomHistogram(seed);
    double          best = 0;
    for (std::size_t a = 1; a < 18; ++a)
      for (std::size_t b = a + 1; b < 19; ++b)
        for (std::size_t c = b + 1; c < 20; ++c)
          best = std::max(best, VarianceBetween(histogram, { a, b, c }));
    std::vector<std::size_t> found;
    for (const double threshold : OtsuThresholds(histogram, 4))
      found.push_back(static_cast<std::size_t>((threshold + 5) / 2));
    ASSERT_EQ(found.size(), 3U);
    EXPECT_NEAR(VarianceBetween(histogram, found), best, 1e-9 * best) << seed;
  }
}

TEST(Histogram, WholeNumbersGetWholeBins)
{
  std::vector<std::int16_t> voxels;
  for (int value = -1000; value < 3000; ++value)
    voxels.push_back(static_cast<std::int16_t>(value));
  const Histogram histogram = MakeHistogram(voxels, {});
  EXPECT_EQ(histogram.width, 4);
  EXPECT_EQ(histogram.Total(), 4000U);
  EXPECT_NEAR(histogram.Percentile(50), 1000, 4);
  EXPECT_NEAR(histogram.CountBetween(0, 400), 400, 1e-9);
}

TEST(Histogram, AFewExtremeVoxelsDoNotFlattenIt)
{
  std::mt19937                    random(3);
  std::normal_distribution<float> low(100, 5), high(200, 5);
  std::vector<float>              voxels;
  for (int i = 0; i < 5000; ++i)
  {
    voxels.push_back(low(random));
    voxels.push_back(high(random));
  }
  voxels[17] = 1.7e9F;
  voxels[18] = -3e8F;
  const auto thresholds = OtsuThresholds(MakeHistogram(voxels, {}), 2);
  EXPECT_GT(thresholds.front(), 110);
  EXPECT_LT(thresholds.front(), 190);
}

TEST(Histogram, CountsTheRegionOnly)
{
  const std::vector<std::uint8_t> voxels{ 3, 9, 9, 200, 7 }, region{ 1, 0, 1, 0, 1 };
  const Histogram                 histogram = MakeHistogram(voxels, region);
  EXPECT_EQ(histogram.Total(), 3U);
  EXPECT_EQ(histogram.low, 3);
  EXPECT_TRUE(MakeHistogram(voxels, std::vector<std::uint8_t>(5, 0)).counts.empty());
}

} // namespace
} // namespace serval
