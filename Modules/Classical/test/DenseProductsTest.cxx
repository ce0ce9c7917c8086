#include "../src/DenseProducts.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace serval::classical
{
namespace
{

std::vector<float> Random(std::size_t count, unsigned seed)
{
  std::mt19937       random(seed);
  std::vector<float> values(count);
  for (float & value : values)
    value = static_cast<float>(random() % 2001) / 1000 - 1;
  return values;
}

double Product(const float * a, const float * b, std::size_t count)
{
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k)
    sum += double(a[k]) * b[k];
  return sum;
}

// Sizes beside those of tiles, blocks and vectors.
class DenseProducts : public testing::TestWithParam<std::tuple<std::size_t, std::size_t, std::size_t>>
{};

TEST_P(DenseProducts, AreThoseOfPlainLoops)
{
  const auto [rows, others, columns] = GetParam();
  const auto         a = Random(rows * columns, 1), b = Random(others * columns, 2), factors = Random(rows, 3);
  std::vector<float> products(rows * others, 7), gram(rows * rows, 7), scores(rows, 7), sums(columns, 1);
  RowProducts(a.data(), rows, b.data(), others, columns, products.data(), others);
  GramProducts(a.data(), rows, columns, gram.data());
  TimesVector(a.data(), rows, columns, b.data(), scores.data());
  AddWeightedRows(a.data(), rows, columns, factors.data(), sums.data());
  for (std::size_t i = 0; i < rows; ++i)
  {
    for (std::size_t j = 0; j < others; ++j)
      ASSERT_NEAR(products[i * others + j], Product(&a[i * columns], &b[j * columns], columns), 1e-3);
    for (std::size_t j = 0; j < rows; ++j)
      ASSERT_NEAR(gram[i * rows + j], Product(&a[i * columns], &a[j * columns], columns), 1e-3);
    ASSERT_NEAR(scores[i], Product(&a[i * columns], b.data(), columns), 1e-3);
  }
  for (std::size_t k = 0; k < columns; ++k)
  {
    double sum = 1;
    for (std::size_t i = 0; i < rows; ++i)
      sum += double(factors[i]) * a[i * columns + k];
    ASSERT_NEAR(sums[k], sum, 1e-3);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, DenseProducts,
                         testing::Values(std::tuple(1, 1, 1), std::tuple(3, 4, 8), std::tuple(5, 7, 13), std::tuple(50, 49, 521), std::tuple(97, 3, 1030)));

} // namespace
} // namespace serval::classical
