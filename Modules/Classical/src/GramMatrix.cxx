#include "Solvers.h"
#include "serval/Core/Error.h"

#include <Eigen/Core>

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
    using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const auto count = static_cast<Eigen::Index>(m_Count);
    m_Products.assign(m_Count * m_Count, 0);
    const Eigen::Map<const RowMajor> x(m_Rows.values.data(), count, static_cast<Eigen::Index>(m_Rows.columns));
    Eigen::Map<RowMajor>             products(m_Products.data(), count, count);
    products.selfadjointView<Eigen::Lower>().rankUpdate(x);
    products.triangularView<Eigen::StrictlyUpper>() = products.transpose();
  }
  return m_Products.data() + i * m_Count;
}

} // namespace serval::classical
