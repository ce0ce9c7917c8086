#include "serval/Similarity/PrincipalPlane.h"

#include "serval/Core/Error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace serval
{
namespace
{

// Two groups far apart along a direction of all columns, one constant column.
std::vector<float> Groups(std::size_t rows, std::size_t columns)
{
  std::mt19937_64    random(3);
  std::vector<float> values;
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t column = 0; column < columns; ++column)
      values.push_back(column == 1 ? 7.0F : float(column + 1) * ((row % 2 ? 4.0F : 0.0F) + float(random() % 1000) / 1000));
  return values;
}

// More columns than rows or fewer: both ways give the same plane.
TEST(PrincipalPlane, TellsGroupsApartInTallAndWideTables)
{
  for (const std::size_t columns : { 5UL, 60UL })
  {
    const auto plane = PrincipalPlane::Of(Groups(20, columns), columns);
    ASSERT_EQ(plane.rows.size(), 20U);
    EXPECT_GT(plane.share[0], 0.8) << columns;
    EXPECT_GE(plane.share[0], plane.share[1]);
    double mean = 0, product = 0;
    for (std::size_t row = 0; row < 20; ++row)
    {
      EXPECT_EQ(plane.rows[row][0] > 0, plane.rows[row % 2][0] > 0);
      mean += plane.rows[row][0];
      product += plane.rows[row][0] * plane.rows[row][1];
    }
    EXPECT_NE(plane.rows[0][0] > 0, plane.rows[1][0] > 0);
    EXPECT_NEAR(mean, 0, 1e-6);
    EXPECT_NEAR(product, 0, 1e-6) << "the directions are orthogonal";
  }
}

// Of standardised columns the scale does not matter.
TEST(PrincipalPlane, DoesNotDependOnUnits)
{
  auto       values = Groups(12, 4);
  const auto before = PrincipalPlane::Of(values, 4);
  for (std::size_t i = 0; i < values.size(); i += 4)
    values[i] *= 1000;
  const auto after = PrincipalPlane::Of(values, 4);
  for (std::size_t row = 0; row < 12; ++row)
    EXPECT_NEAR(before.rows[row][0], after.rows[row][0], 1e-3);
}

TEST(PrincipalPlane, WhatHasNoneIsRefused)
{
  EXPECT_THROW(PrincipalPlane::Of(std::vector<float>{ 1, 2, 3, 4 }, 2), Error);
  EXPECT_THROW(PrincipalPlane::Of(std::vector<float>(12, 1.0F), 3), Error);
  auto values = Groups(6, 3);
  values[4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(PrincipalPlane::Of(values, 3), Error);
}

} // namespace
} // namespace serval
