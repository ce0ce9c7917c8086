#pragma once

#include "serval/Core/Progress.h"
#include "serval/Similarity/DataSetProfile.h"

namespace serval
{

/// A data set, or the target seen through one source network.
struct NamedSample
{
  std::string              name;
  LabelledSample           sample;
  std::vector<std::string> identities;        ///< of each row, for networks
  std::vector<float>       sourceProbabilities; ///< [rows x sourceClasses], for networks; may be empty
  std::size_t              sourceClasses = 0;
};

/// How much is computed. Measures are those of DataSetMeasures or NetworkMeasures.
struct ComparisonSpec
{
  std::vector<std::string> measures;
  int                      replicates = 100;   ///< of the bootstrap of patients; 0: no intervals
  int                      permutations = 199; ///< of the MMD's test; 0: no p
  std::uint64_t            seed = 1;
};

/// One measure of a pair (data sets, CKA) or of a single network, where `b` is empty.
struct Comparison
{
  std::string             measure, a, b;
  Answer                  answer;
  std::optional<Interval> interval;
  std::optional<double>   p;
};

/// frechet, mmd, energy, sliced-wasserstein, otdd, classifier-ranks: distances of pairs.
std::vector<std::string> DataSetMeasures();
/// leep, nce, nleep, logme, h-score, parc, transrate, features-gradients (larger is better), and cka of pairs.
std::vector<std::string> NetworkMeasures();

/// All pairs by each measure. A measure that two data sets have no answer to says why. Intervals are those of
/// BootstrapInterval, none for classifier-ranks. Fault::Usage for an unknown measure or fewer than two samples.
std::vector<Comparison> CompareDataSets(const std::vector<NamedSample> & sets, const ComparisonSpec & spec, Progress & progress);

/// Each network's scores for the target's classes, and CKA of pairs. leep and nce have no answer without source
/// probabilities. Fault::Input when the networks saw different rows; Fault::Usage for an unknown measure.
std::vector<Comparison> CompareNetworks(const std::vector<NamedSample> & networks, const ComparisonSpec & spec, Progress & progress);

/// The symmetric matrix of one measure of pairs, 0 on its diagonal (1 - CKA for cka).
std::vector<std::optional<double>> MatrixOf(const std::vector<Comparison> & comparisons, const std::string & measure,
                                            const std::vector<std::string> & names);

/// Columns of all samples get the mean 0 and deviation 1 that they have together; constant ones become 0.
void StandardiseTogether(std::vector<NamedSample> & samples);

} // namespace serval
