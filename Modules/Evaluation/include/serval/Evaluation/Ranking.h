#pragma once

#include "serval/Evaluation/Comparison.h"

#include <string>
#include <vector>

namespace serval
{

/// How stable the order of several models is when other patients (and training runs) are drawn.
struct RankedModel
{
  std::string name;
  double      value = 0;      ///< of the metric
  double      rank = 0;       ///< 1 is the best, ties share the mean
  double      low = 0, high = 0; ///< percentile interval of the rank
  double      firstShare = 0; ///< of the bootstrap samples in which the model is the best (ties: shared)
};
struct Ranking
{
  Metric                   metric;
  std::vector<RankedModel> models;  ///< in the order given
  double                   tau = 0; ///< mean Kendall's tau-b between the samples' order and the observed one; NaN when all are equal
};
/// Wiesenfarth 2021 (challengeR). Fault::Input below two models or where they were not tested on the same units.
Ranking BootstrapRanking(const std::vector<Predictions> & models, const Metric & metric, const BootstrapPlan & plan);

/// One way to order models: a metric, and how it becomes one number.
struct RankingWay
{
  std::string         text;
  std::vector<double> ranks; ///< of each model, 1 is the best
};
/// Orders by each metric, and for each by mean ranks over repeats and (for means over rows) over patients: "rank, then
/// average" beside "average, then rank". Ways in which a model has no value are left out.
std::vector<RankingWay> RankingWays(const std::vector<Predictions> & models, const std::vector<Metric> & metrics);
/// Kendall's tau-b between each two ways; NaN where one ties all models.
std::vector<std::vector<double>> Agreement(const std::vector<RankingWay> & ways);

/// Several data sets: Friedman over the models' metric in each, with the critical differences.
struct DatasetComparison
{
  std::vector<std::string>         datasets, models;
  std::vector<std::vector<double>> values; ///< datasets x models
  FriedmanResult                   friedman;
  double                           alpha = 0.05, nemenyi = 0, bonferroniDunn = 0;
};
/// Fault::Input where a model lacks a data set or has no value in it.
DatasetComparison CompareOverDatasets(const std::vector<Predictions> & models, const Metric & metric, double alpha);
/// The same for numbers that were made elsewhere.
DatasetComparison CompareOverDatasets(std::vector<std::string> datasets, std::vector<std::string> models, std::vector<std::vector<double>> values, bool lowerIsBetter, double alpha);

} // namespace serval
