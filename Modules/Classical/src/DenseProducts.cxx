#include "DenseProducts.h"

#include <algorithm>
#include <cstring>

// One copy of each loop for every width of vectors; the processor chooses at start-up.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define SERVAL_VECTOR_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SERVAL_VECTOR_CLONES
#endif

namespace serval::classical
{
namespace
{

constexpr std::size_t lanes = 8, blockRows = 48, blockColumns = 512; // a block of either matrix stays in a core's second cache

using Lanes [[gnu::vector_size(lanes * sizeof(float))]] = float;

/// out[i, j] += partial products of R rows of a and C rows of b over `length` columns.
template <int R, int C>
[[gnu::always_inline]] inline void Tile(const float * a, const float * b, std::size_t stride, std::size_t length, float * out, std::size_t outColumns)
{
  Lanes             sums[R][C] = {};
  const std::size_t whole = length / lanes * lanes;
  for (std::size_t k = 0; k < whole; k += lanes)
  {
    Lanes right[C];
    for (int j = 0; j < C; ++j)
      std::memcpy(&right[j], b + static_cast<std::size_t>(j) * stride + k, sizeof(Lanes));
    for (int i = 0; i < R; ++i)
    {
      Lanes left;
      std::memcpy(&left, a + static_cast<std::size_t>(i) * stride + k, sizeof(Lanes));
      for (int j = 0; j < C; ++j)
        sums[i][j] += left * right[j];
    }
  }
  for (int i = 0; i < R; ++i)
    for (int j = 0; j < C; ++j)
    {
      float sum = 0;
      for (std::size_t k = 0; k < lanes; ++k)
        sum += sums[i][j][k];
      for (std::size_t k = whole; k < length; ++k)
        sum += a[static_cast<std::size_t>(i) * stride + k] * b[static_cast<std::size_t>(j) * stride + k];
      out[static_cast<std::size_t>(i) * outColumns + static_cast<std::size_t>(j)] += sum;
    }
}

[[gnu::always_inline]] inline void Block(const float * a, std::size_t rowsA, const float * b, std::size_t rowsB, std::size_t stride, std::size_t length, float * out, std::size_t outColumns)
{
  std::size_t i = 0;
  for (; i + 3 <= rowsA; i += 3)
  {
    std::size_t j = 0;
    for (; j + 4 <= rowsB; j += 4)
      Tile<3, 4>(a + i * stride, b + j * stride, stride, length, out + i * outColumns + j, outColumns);
    for (; j < rowsB; ++j)
      Tile<3, 1>(a + i * stride, b + j * stride, stride, length, out + i * outColumns + j, outColumns);
  }
  for (; i < rowsA; ++i)
    for (std::size_t j = 0; j < rowsB; ++j)
      Tile<1, 1>(a + i * stride, b + j * stride, stride, length, out + i * outColumns + j, outColumns);
}

/// Blocks of rows and columns; `isHalf`: those of later rows of b than of a are left out.
[[gnu::always_inline]] inline void Blocks(const float * a, std::size_t rowsA, const float * b, std::size_t rowsB, std::size_t columns, float * out, std::size_t outColumns, bool isHalf)
{
  for (std::size_t k = 0; k < columns; k += blockColumns)
    for (std::size_t i = 0; i < rowsA; i += blockRows)
      for (std::size_t j = 0; j < (isHalf ? i + 1 : rowsB); j += blockRows)
        Block(a + i * columns + k, std::min(blockRows, rowsA - i), b + j * columns + k, std::min(blockRows, rowsB - j), columns, std::min(blockColumns, columns - k),
              out + i * outColumns + j, outColumns);
}

} // namespace

SERVAL_VECTOR_CLONES void RowProducts(const float * a, std::size_t rowsA, const float * b, std::size_t rowsB, std::size_t columns, float * out, std::size_t outColumns)
{
  for (std::size_t i = 0; i < rowsA; ++i)
    std::fill(out + i * outColumns, out + i * outColumns + rowsB, 0.0F);
  Blocks(a, rowsA, b, rowsB, columns, out, outColumns, false);
}

SERVAL_VECTOR_CLONES void GramProducts(const float * a, std::size_t rows, std::size_t columns, float * out)
{
  std::fill(out, out + rows * rows, 0.0F);
  Blocks(a, rows, a, rows, columns, out, rows, true);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = i + 1; j < rows; ++j)
      out[i * rows + j] = out[j * rows + i];
}

SERVAL_VECTOR_CLONES void TimesVector(const float * a, std::size_t rows, std::size_t columns, const float * weights, float * out)
{
  std::fill(out, out + rows, 0.0F);
  std::size_t i = 0;
  for (; i + 4 <= rows; i += 4)
    Tile<4, 1>(a + i * columns, weights, columns, columns, out + i, 1);
  for (; i < rows; ++i)
    Tile<1, 1>(a + i * columns, weights, columns, columns, out + i, 1);
}

SERVAL_VECTOR_CLONES void AddWeightedRows(const float * a, std::size_t rows, std::size_t columns, const float * factors, float * out)
{
  std::size_t i = 0;
  for (; i + 4 <= rows; i += 4)
  {
    const float *r0 = a + i * columns, *r1 = r0 + columns, *r2 = r1 + columns, *r3 = r2 + columns;
    for (std::size_t k = 0; k < columns; ++k)
      out[k] += factors[i] * r0[k] + factors[i + 1] * r1[k] + factors[i + 2] * r2[k] + factors[i + 3] * r3[k];
  }
  for (; i < rows; ++i)
    for (std::size_t k = 0; k < columns; ++k)
      out[k] += factors[i] * a[i * columns + k];
}

} // namespace serval::classical
