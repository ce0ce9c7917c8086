#pragma once

#include "serval/Evaluation/Intervals.h"

#include <string>
#include <vector>

namespace serval
{

/// The best of several models, and what it is worth on patients that did not choose it.
struct SelectedModel
{
  std::string name;
  std::size_t index = 0;
  Interval    apparent;  ///< on the very patients that chose it: too good
  Interval    corrected; ///< chosen on a bootstrap sample of the patients, measured on the patients left out; interval by percentiles
  std::vector<double> chosenShare; ///< of the bootstrap samples, by model
};

/// Bootstrap bias corrected (Tsamardinos 2018): models on the same units; whole patients are drawn, each sample chooses its
/// best model, which is measured on the patients it does not hold; the mean over samples. Fault::Input below two models, two
/// patients, or where models were not tested on the same units.
SelectedModel SelectBest(const std::vector<Predictions> & models, const Metric & metric, const BootstrapPlan & plan);

} // namespace serval
