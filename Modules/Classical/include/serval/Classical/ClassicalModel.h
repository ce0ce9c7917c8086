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

/// A classifier on features, before it is fitted. |w|^2 / 2 is the penalty where not said otherwise.
struct ClassicalSpec
{
  enum class Kind
  {
    SvmLinear,          ///< hinge loss (libsvm on the Gram matrix, at most 12,000 rows)
    SvmLinearSquared,   ///< squared hinge loss, any number of rows; the constant is penalised too (liblinear)
    SvmRbf,             ///< hinge loss, kernel exp(-gamma |x - y|^2)
    SvmPolynomial,      ///< hinge loss, kernel (gamma x'y + offset)^degree
    LogisticRegression, ///< logistic loss (L-BFGS)
    LogisticL1,         ///< logistic loss, penalty |w|_1, the constant is penalised too (liblinear)
    NearestNeighbours,  ///< votes of the nearest rows (Euclid)
    NearestMean,        ///< the class with the nearest mean (Euclid)
    Discriminant,       ///< linear discriminant analysis with a covariance shrunk towards a multiple of the identity
    Perceptron,         ///< averaged perceptron (Freund and Schapire 1999)
    RandomForest,       ///< Breiman 2001: bootstrapped rows, best of random splits
    ExtraTrees          ///< Geurts 2006: all rows, random thresholds
  };
  /// How two-class machines become a classifier. Usual: one against one for the curved kernels, else against the rest.
  enum class Scheme
  {
    Usual,
    OneVsRest,
    OneVsOne
  };
  /// How scores of SVMs, perceptron and nearest mean become probabilities.
  enum class Calibration
  {
    Temperature, ///< softmax of the scores times one fitted scale (Guo 2017): never changes the decision
    Platt,       ///< 1 / (1 + exp(a s + b)) fitted for each class (Platt 1999, Lin 2007), normalised to the sum 1
    None         ///< softmax of the scores
  };
  Kind          kind = Kind::SvmLinear;
  Scheme        scheme = Scheme::Usual;
  Calibration   calibration = Calibration::Temperature;
  double        cost = 1;           ///< weight of the loss against the penalty
  double        gamma = 0;          ///< of the curved kernels; 0: 1 / columns
  int           degree = 3;         ///< of the polynomial
  double        offset = 1;         ///< of the polynomial
  int           neighbours = 5;     ///< that vote; at most the rows
  double        shrinkage = -1;     ///< of the covariance, 0 to 1; below 0: Ledoit and Wolf's (2004)
  int           trees = 200;        ///< of a forest
  int           leaf = 1;           ///< fewest rows of a leaf
  bool          standardised = true; ///< columns get mean 0 and deviation 1, as measured on the training rows
  double        components = 0;     ///< principal components kept: their number, or below 1 their share of the variance; 0: no PCA
  int           features = 0;       ///< columns kept by recursive elimination (Guyon 2002), ranked by svm-linear; 0: all
  bool          balanced = true;    ///< each class weighs the same, however many rows it has
  std::uint64_t seed = 1;           ///< draws folds, trees and the perceptron's order
  int           threads = 0;        ///< of forests, which do not depend on it; 0: all cores

  /// svm-linear, svm-linear-squared, svm-rbf, ...; Fault::Usage, with all names, for any other text.
  static Kind                     KindFrom(const std::string & text);
  static Scheme                   SchemeFrom(const std::string & text);      ///< usual, one-vs-rest, one-vs-one
  static Calibration              CalibrationFrom(const std::string & text); ///< temperature, platt, none
  static std::vector<std::string> Kinds();
};
std::string ToText(ClassicalSpec::Kind kind);
std::string ToText(ClassicalSpec::Scheme scheme);
std::string ToText(ClassicalSpec::Calibration calibration);

/// A fitted classifier with its standardisation, elimination and PCA; applied by plain arithmetic on float32 arrays.
///
/// Probabilities. Logistic regression against the rest: the logistic of each class, normalised to the sum 1; one against
/// one: the mean of the pairs' logistics (weighted voting, Hüllermeier 2010). Discriminant: the posterior. Neighbours and
/// forests: shares of the votes. The others: see Calibration, fitted on scores of a cross-validation that keeps groups
/// together, with Platt's smoothed targets (1999); uncalibrated when the groups are too few.
class ClassicalModel
{
public:
  /// Fault::Input for fewer than two rows or classes, values that are not finite, tables that do not fit together, or more
  /// rows than a kernel can hold; Fault::Usage for a specification out of its range.
  static ClassicalModel Fit(const FeatureTable & table, int classCount, const ClassicalSpec & spec);

  /// One probability a class; 0 for a class that had no row. Fault::Input when the row has other columns.
  std::vector<double> Probabilities(std::span<const float> row) const;
  std::size_t         Columns() const;
  int                 ClassCount() const;
  /// The columns that elimination kept, ascending; all without elimination.
  std::vector<std::size_t> KeptColumns() const;

  /// Adds arrays named `classical.*` and a description in words.
  void Store(std::map<std::string, TensorFile::Array> & arrays, std::map<std::string, std::string> & description) const;
  /// Fault::Input when arrays are missing, damaged or do not fit together.
  static ClassicalModel Load(const std::map<std::string, TensorFile::Array> & arrays,
                             const std::map<std::string, std::string> &       description);

private:
  struct Impl;
  explicit ClassicalModel(std::shared_ptr<const Impl> impl)
    : m_Impl(std::move(impl))
  {}

  std::shared_ptr<const Impl> m_Impl; ///< never changed once fitted, so copies share it
};

/// A classifier and where among the candidates its setting stands.
struct ChosenModel
{
  std::size_t    index = 0;
  ClassicalModel model;
};
/// The only candidate, or that with most right decisions in a cross-validation of at most five folds that keeps groups
/// together; classes weigh the same when the first candidate is balanced, the first of equally good ones is taken.
/// Standardisation, elimination and PCA are fitted in each fold anew, Gram matrices once a fold for all costs and gammas; a
/// candidate whose solver does not converge, in a fold or on all rows, is left out. Fault::Input when no fold leaves rows of
/// every class to learn from or none converges, Fault::Usage without candidates.
ChosenModel ChooseAndFit(const FeatureTable & table, int classCount, const std::vector<ClassicalSpec> & candidates);

/// Nested cross-validation: each row's probabilities by a model whose training rows hold nothing of the row's group;
/// among several candidates one is chosen within the training rows of each fold. `folds`: at least 2.
struct OutOfFold
{
  std::vector<std::size_t>         foldOf; ///< of each row
  std::vector<std::size_t>         chosen; ///< candidate of each fold
  std::vector<std::vector<double>> probabilities;
};
/// Fault::Input when a fold leaves fewer than two classes to learn from or there are fewer groups than folds.
OutOfFold CrossPredict(const FeatureTable & table, int classCount, const std::vector<ClassicalSpec> & candidates, std::size_t folds);

} // namespace serval
