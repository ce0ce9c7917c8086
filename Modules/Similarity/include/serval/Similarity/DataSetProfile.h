#pragma once

#include "serval/Similarity/Sample.h"

namespace serval
{

/// Number and variety of classes (Azizpour 2016), and of the rows.
struct ClassVariety
{
  std::size_t rows = 0, groups = 0, classes = 0;
  double      effectiveClasses = 0; ///< exp of the entropy of the class shares; 1 to classes
  double      spread = 0;           ///< root mean squared distance of rows to their mean, unit of the features
};
ClassVariety MeasureVariety(const LabelledSample & sample);

/// Mid-ranks (1 best) of simple classifiers by balanced accuracy in a cross-validation that keeps groups together
/// (Cheplygina 2017): nearest mean, discriminant, logistic regression, nearest neighbours, extra trees, linear and RBF SVM.
struct ClassifierRanks
{
  std::vector<std::string> names;
  std::vector<double>      accuracies, ranks;
};
/// None, with the reason in `why`, when classes or groups are too few.
std::optional<ClassifierRanks> RankClassifiers(const LabelledSample & sample, std::string & why, std::uint64_t seed = 1);

/// Euclidean distance of two lists of ranks. Fault::Input for unequal lengths.
double RankDistance(const ClassifierRanks & a, const ClassifierRanks & b);

} // namespace serval
