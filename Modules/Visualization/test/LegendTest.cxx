#include "../src/Legend.h"
#include "Phantom.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

namespace serval
{
namespace
{

using Matrix = std::array<double, 9>;

// How dichromats see linear RGB (Machado, Oliveira and Fernandes 2009, severity 1), and normal sight.
constexpr std::array<Matrix, 4> sights{ { { 1, 0, 0, 0, 1, 0, 0, 0, 1 },
                                          { 0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998 },
                                          { 0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881 },
                                          { 1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900 } } };
constexpr Matrix toCones{ 0.4122214708, 0.5363325363, 0.0514459929, 0.2119034982, 0.6806995451, 0.1073969566, 0.0883024619, 0.2817188376, 0.6299787005 };
constexpr Matrix toOkLab{ 0.2104542553, 0.7936177850, -0.0040720468, 1.9779984951, -2.4285922050, 0.4505937099, 0.0259040371, 0.7827717662, -0.8086757660 };

Point Times(const Matrix & m, const Point & v)
{
  Point product{};
  for (std::size_t i = 0; i < 9; ++i)
    product[i / 3] += m[i] * v[i % 3];
  return product;
}

Point OkLab(Color color, const Matrix & sight)
{
  const auto linear = [](std::uint8_t value) { return value <= 10 ? value / 255.0 / 12.92 : std::pow((value / 255.0 + 0.055) / 1.055, 2.4); };
  Point      seen = Times(sight, { linear(color.r), linear(color.g), linear(color.b) });
  for (auto & value : seen)
    value = std::clamp(value, 0.0, 1.0);
  Point cones = Times(toCones, seen);
  for (auto & value : cones)
    value = std::cbrt(value);
  return Times(toOkLab, cones);
}

// For the reader to whom the two look most alike.
double Difference(Color a, Color b)
{
  double least = 1e9;
  for (const auto & sight : sights)
  {
    const Point x = OkLab(a, sight), y = OkLab(b, sight);
    least = std::min(least, std::hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]));
  }
  return least;
}

double LeastDifference(unsigned count)
{
  double least = 1e9;
  for (unsigned a = 1; a <= count; ++a)
    for (unsigned b = 1; b < a; ++b)
      least = std::min(least, Difference(LabelColor(a), LabelColor(b)));
  return least;
}

TEST(LabelColor, AllAreToldApartAsWellAsTheFirstEightAlsoByColourBlindReaders)
{
  EXPECT_GT(LeastDifference(8), 0.07);
  EXPECT_GE(LeastDifference(labelColors), LeastDifference(8));
  EXPECT_EQ(LabelColor(labelColors + 1), LabelColor(1));
}

std::vector<LegendEntry> EntriesOf(const std::vector<std::uint16_t> & labels)
{
  phantom::Body body(phantom::identity, { 2, 2, 2 });
  std::copy(labels.begin(), labels.end(), body.labels.begin());
  Scene scene = body.AsScene();
  scene.labels = body.labels;
  scene.labelNames = { "liver" };
  return LegendOf(scene);
}

std::vector<std::uint16_t> OneTo(std::uint16_t count)
{
  std::vector<std::uint16_t> labels;
  for (std::uint16_t label = 1; label <= count; ++label)
    labels.push_back(label);
  return labels;
}

std::size_t ColoursOf(const std::vector<LegendEntry> & entries)
{
  std::set<std::array<int, 3>> colors;
  for (const auto & [label, name, color] : entries)
    colors.insert({ color.r, color.g, color.b });
  return colors.size();
}

TEST(Legend, FarLabelsTakeColoursThatNoOtherHas)
{
  const auto entries = EntriesOf({ 1, 2, 20, 1001, 65535 }); // by number 20 would look as 1
  EXPECT_EQ(ColoursOf(entries), 5U);
  EXPECT_EQ(entries[0].color, LabelColor(1));
  EXPECT_EQ(entries[1].color, LabelColor(2));
  EXPECT_EQ(ColoursOf(EntriesOf(OneTo(labelColors))), labelColors);
  const LabelColors colors(entries);
  EXPECT_EQ(colors[65535], entries[4].color);
}

TEST(Legend, NamesAllThatShareAColourAndCountsWhatHasNoRoom)
{
  constexpr TextStyle style{ .size = 12 };
  const auto          few = Legend(EntriesOf({ 1, 2 }), style, { 900, 560 });
  EXPECT_EQ(few.Texts(), (std::vector<std::string>{ "liver", "label 2" }));
  EXPECT_EQ(few.Height(), 19);
  const auto texts = Legend(EntriesOf(OneTo(labelColors + 2)), style, { 900, 560 }).Texts();
  ASSERT_EQ(texts.size(), labelColors);
  EXPECT_EQ(texts[0], "liver or label 20");
  EXPECT_EQ(texts[1], "label 2 or label 21");
  EXPECT_EQ(texts[2], "label 3");
  const auto crowded = Legend(EntriesOf(OneTo(60)), style, { 480, 320 });
  EXPECT_LE(crowded.Height(), 320 / 3);
  EXPECT_TRUE(crowded.Texts().back().starts_with("and ") && crowded.Texts().back().ends_with(" more labels")) << crowded.Texts().back();
}

} // namespace
} // namespace serval
