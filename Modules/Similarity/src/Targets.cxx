#include "Targets.h"

#include "CheckPair.h"
#include "serval/Core/Error.h"

#include <algorithm>

namespace serval::similarity
{

Target Prepare(const LabelledSample & sample)
{
  CheckPair(sample.features, sample.features);
  Target target;
  target.classOf = NumberClasses(sample.classes, sample.features.Rows(), target.counts);
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  target.rows = Eigen::Map<const RowMajor>(sample.features.values.data(), static_cast<Eigen::Index>(sample.Rows()),
                                           static_cast<Eigen::Index>(sample.features.columns))
                  .cast<double>();
  target.centred = target.rows.rowwise() - target.rows.colwise().mean();
  return target;
}

std::vector<std::size_t> NumberClasses(const std::vector<int> & classes, std::size_t rows, std::vector<double> & counts)
{
  Require(classes.size() == rows && rows > 0, Fault::Input, "there are ", classes.size(), " classes for ", rows, " rows");
  std::vector<int> present(classes);
  std::ranges::sort(present);
  Require(present.front() >= 0, Fault::Input, "a row has the class ", present.front(), "; classes count from 0");
  present.erase(std::unique(present.begin(), present.end()), present.end());
  counts.assign(present.size(), 0);
  std::vector<std::size_t> numbers;
  for (const int label : classes)
  {
    numbers.push_back(static_cast<std::size_t>(std::ranges::lower_bound(present, label) - present.begin()));
    counts[numbers.back()] += 1;
  }
  return numbers;
}

Eigen::MatrixXd ClassMeans(const Target & target)
{
  Eigen::MatrixXd means = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(target.counts.size()), target.centred.cols());
  for (Eigen::Index i = 0; i < target.centred.rows(); ++i)
    means.row(static_cast<Eigen::Index>(target.ClassOf(i))) += target.centred.row(i) / target.counts[target.ClassOf(i)];
  return means;
}

} // namespace serval::similarity
