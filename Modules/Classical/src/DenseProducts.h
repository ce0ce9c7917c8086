#pragma once

#include <cstddef>

namespace serval::classical
{

/// Products of rows of float32 matrices, computed with the widest vectors of the processor (Debian's build of Eigen for all
/// x86-64 processors has four floats).
/// out[i * outColumns + j] = <row i of a, row j of b>.
void RowProducts(const float * a, std::size_t rowsA, const float * b, std::size_t rowsB, std::size_t columns, float * out, std::size_t outColumns);
/// The same of all pairs of rows of one matrix; half is computed.
void GramProducts(const float * a, std::size_t rows, std::size_t columns, float * out);
/// out[i] = <row i, weights>.
void TimesVector(const float * a, std::size_t rows, std::size_t columns, const float * weights, float * out);
/// out += sum of row i times factor i.
void AddWeightedRows(const float * a, std::size_t rows, std::size_t columns, const float * factors, float * out);

} // namespace serval::classical
