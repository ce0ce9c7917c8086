#pragma once

#include "serval/Core/TensorFile.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace serval
{

/// Rows of features with their class (index) and group, the patient. Without groups each row stands alone.
struct FeatureTable
{
  std::size_t              columns = 0;
  std::vector<float>       values; ///< row after row
  std::vector<int>         classes;
  std::vector<std::string> groups;

  std::size_t Rows() const { return classes.size(); }
};

/// A classifier on standardised features, before it is fitted.
struct ClassicalSpec
{
  enum class Kind
  {
    SvmLinear,         ///< squared hinge loss, one against the rest (liblinear)
    SvmRbf,            ///< hinge loss, radial kernel, one against one (libsvm)
    LogisticRegression ///< logistic loss with an L2 penalty, one against the rest (liblinear)
  };
  Kind          kind = Kind::SvmLinear;
  double        cost = 1;        ///< weight of the loss against the penalty |w|^2 / 2; see ChooseCost
  double        gamma = 0;       ///< exp(-gamma |x - y|^2); 0: 1 / columns
  bool          balanced = true; ///< each class weighs the same, however many rows it has
  std::uint64_t seed = 1;        ///< draws the folds of the calibration and of ChooseCost

  /// svm-linear, svm-rbf or logistic-regression; Fault::Usage for any other text.
  static Kind KindFrom(const std::string & text);
};
std::string ToText(ClassicalSpec::Kind kind);

/// A fitted classifier with its standardisation; applied by plain arithmetic on its float32 arrays.
///
/// Logistic regression: the logistic of each class against the rest, normalised to the sum 1. SVM: softmax of the class
/// scores times one scale (temperature scaling, Guo 2017), fitted on scores of a cross-validation that keeps groups
/// together, with Platt's smoothed targets (1999); 1 when the groups are too few. A scale leaves the decision alone.
class ClassicalModel
{
public:
  /// Fault::Input for fewer than two rows or classes, values that are not finite, or tables that do not fit together.
  static ClassicalModel Fit(const FeatureTable & table, int classCount, const ClassicalSpec & spec);

  /// One probability a class; 0 for a class that had no row. Fault::Input when the row has other columns.
  std::vector<double> Probabilities(std::span<const float> row) const;
  std::size_t         Columns() const;
  int                 ClassCount() const;

  /// Adds arrays named `classical.*` and a description in words.
  void Store(std::map<std::string, TensorFile::Array> & arrays, std::map<std::string, std::string> & description) const;
  /// Fault::Input when arrays are missing, damaged or do not fit together.
  static ClassicalModel Load(const std::map<std::string, TensorFile::Array> & arrays,
                             const std::map<std::string, std::string> &       description);

private:
  friend double ChooseCost(const FeatureTable &, int, const ClassicalSpec &, const std::vector<double> &);
  struct Impl;
  explicit ClassicalModel(std::shared_ptr<const Impl> impl)
    : m_Impl(std::move(impl))
  {}

  std::shared_ptr<const Impl> m_Impl; ///< never changed once fitted, so copies share it
};

/// The cost among `costs` with most right decisions in a cross-validation of at most five folds that keeps groups
/// together; classes weigh the same when `spec.balanced`, the smallest of equally good costs is taken. Standardisation is
/// fitted in each fold anew. Fault::Input when no fold leaves rows of every class to learn from.
double ChooseCost(const FeatureTable & table, int classCount, const ClassicalSpec & spec, const std::vector<double> & costs);

} // namespace serval
