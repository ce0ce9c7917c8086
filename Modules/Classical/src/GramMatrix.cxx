#include "DenseProducts.h"
#include "Solvers.h"
#include "serval/Core/Error.h"

namespace serval::classical
{
namespace
{

constexpr std::size_t gramLimit = 12000; // libsvm takes 16 bytes x rows^2 beside our 4

} // namespace

GramMatrix::GramMatrix(const Rows & rows)
  : m_Rows(rows)
  , m_Count(rows.Count())
{
  Require(m_Count <= gramLimit, Fault::Input, "a kernel classifier is to be fitted on ", m_Count, " rows; at most ", gramLimit,
          " can be held, use svm-linear-squared or logistic-regression, or fewer rows");
}

const float * GramMatrix::Row(std::size_t i)
{
  if (m_Products.empty())
  {
    m_Products.resize(m_Count * m_Count);
    GramProducts(m_Rows.values.data(), m_Count, m_Rows.columns, m_Products.data());
  }
  return m_Products.data() + i * m_Count;
}

} // namespace serval::classical
