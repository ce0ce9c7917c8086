#pragma once

#include "serval/Similarity/DataDistance.h"

#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace serval
{

/// A data set with the class (index from 0) of each row.
struct LabelledSample
{
  FeatureSample    features;
  std::vector<int> classes;

  std::size_t Rows() const { return classes.size(); }
};

/// A number, or in words why there is none.
struct Answer
{
  std::optional<double> value;
  std::string           reason;

  static Answer Of(double number) { return { number, {} }; }
  static Answer None(std::string why) { return { std::nullopt, std::move(why) }; }
};

/// Of bootstrap replicates that had a value; none where fewer than nine in ten had one.
struct Interval
{
  double low = 0, high = 0;
};

/// The sample with as many groups (patients) drawn with replacement; a group drawn twice stands as two. `order` receives
/// the row each row came from.
LabelledSample Resample(const LabelledSample & sample, std::mt19937_64 & random, std::vector<std::size_t> * order = nullptr);

/// The rows at most `count`, evenly spaced; all where there are fewer. Fault::Usage for a count below 2.
LabelledSample Thin(const LabelledSample & sample, std::size_t count);

/// 95 % interval of the spread by the choice of patients: the percentiles of `replicates` values of `measure`, moved so that
/// their mean is the estimate. (Replicates hold rows twice, which pulls distances and scores upwards by a like amount; plain
/// percentiles can miss the estimate.) The replicates run on all cores; each draws from its own generator.
std::optional<Interval> BootstrapInterval(double estimate, const std::function<Answer(std::mt19937_64 &)> & measure, int replicates,
                                          std::uint64_t seed);

} // namespace serval
