#include "UnitPairs.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Evaluation/Intervals.h"

#include <Eigen/Eigenvalues>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_map>

namespace serval
{
namespace
{

constexpr double notDefined = std::numeric_limits<double>::quiet_NaN();

/// Share of `others` below each of `values`, ties half: by one sort, as Sun and Xu 2014 do with ranks.
std::vector<double> SharesBelow(const std::vector<double> & values, std::vector<double> others)
{
  std::sort(others.begin(), others.end());
  std::vector<double> shares;
  shares.reserve(values.size());
  for (const double value : values)
  {
    const auto [first, last] = std::equal_range(others.begin(), others.end(), value);
    shares.push_back(double((first - others.begin()) + (last - others.begin())) / (2 * double(others.size())));
  }
  return shares;
}

/// Which rows are positive, and to which patient they belong.
struct ClusterPlan
{
  std::vector<std::size_t> positives, negatives;                 ///< patient of each row
  double                   patients = 0, withPositives = 0, withNegatives = 0;

  ClusterPlan(const std::vector<const Prediction *> & rows)
  {
    std::unordered_map<std::string_view, std::size_t> places;
    for (const auto * row : rows)
      (row->truth == 1 ? positives : negatives).push_back(places.emplace(row->patient, places.size()).first->second);
    patients = double(places.size());
    withPositives = double(std::set(positives.begin(), positives.end()).size());
    withNegatives = double(std::set(negatives.begin(), negatives.end()).size());
  }
};

/// An AUC and what each patient adds to its variance: sums of the placement values of the patient's positives and negatives
/// less their expectation (DeLong 1988, equations 3 and 4; Obuchowski 1997, section 2).
struct Placements
{
  double              auc = 0;
  std::vector<double> positives, negatives; ///< by patient

  Placements(const ClusterPlan & plan, const std::vector<const Prediction *> & rows)
    : positives(static_cast<std::size_t>(plan.patients), 0)
    , negatives(positives)
  {
    std::vector<double> high, low;
    for (const auto * row : rows)
      (row->truth == 1 ? high : low).push_back(row->probabilities[1]);
    const auto ofHigh = SharesBelow(high, low), ofLow = SharesBelow(low, high);
    for (const double share : ofHigh)
      auc += share / double(high.size());
    for (std::size_t i = 0; i < ofHigh.size(); ++i)
      positives[plan.positives[i]] += ofHigh[i] - auc;
    for (std::size_t i = 0; i < ofLow.size(); ++i)
      negatives[plan.negatives[i]] += 1 - ofLow[i] - auc;
  }

  /// As all is linear, the difference has placements too, without the cancellation of variances.
  void Subtract(const Placements & other)
  {
    auc -= other.auc;
    for (std::size_t i = 0; i < positives.size(); ++i)
    {
      positives[i] -= other.positives[i];
      negatives[i] -= other.negatives[i];
    }
  }
};

double Product(const std::vector<double> & a, const std::vector<double> & b)
{
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += a[i] * b[i];
  return sum;
}

double Covariance(const ClusterPlan & plan, const Placements & a, const Placements & b)
{
  const double high = double(plan.positives.size()), low = double(plan.negatives.size());
  const auto   unbiased = [](double clusters) { return clusters / (clusters - 1); };
  const double both = Product(a.positives, b.negatives) + Product(a.negatives, b.positives);
  return unbiased(plan.withPositives) * Product(a.positives, b.positives) / (high * high) +
         unbiased(plan.withNegatives) * Product(a.negatives, b.negatives) / (low * low) +
         (both == 0 ? 0 : unbiased(plan.patients) * both / (high * low));
}

void RequireTwoClasses(const Predictions & predictions, const ClusterPlan & plan, const std::string & what)
{
  Require(predictions.classNames.size() == 2, Fault::Input, what, " is that of AUCs of two classes; there are ", predictions.classNames.size());
  Require(plan.withNegatives >= 2 && plan.withPositives >= 2, Fault::Input, what, " needs two patients of each class; there are ", plan.withNegatives,
          " of ", predictions.classNames[0], " and ", plan.withPositives, " of ", predictions.classNames[1]);
  for (const auto & row : predictions.rows)
    Require(row.repeat == predictions.rows[0].repeat, Fault::Input, what, " is that of one repeat; '", predictions.name, "' holds several. Use the bootstrap");
}

std::vector<const Prediction *> RowsOf(const Predictions & predictions)
{
  std::vector<const Prediction *> rows;
  for (const auto & row : predictions.rows)
    rows.push_back(&row);
  return rows;
}

TestResult CompareAucs(const std::string & test, const std::string & what, const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  std::vector<const Prediction *> rows[2];
  for (const auto & [first, second] : evaluation::PairUnits(a, b))
  {
    rows[0].push_back(first);
    rows[1].push_back(second);
  }
  const ClusterPlan clusters(rows[0]);
  RequireTwoClasses(a, clusters, what);
  Placements difference(clusters, rows[0]);
  difference.Subtract(Placements(clusters, rows[1]));
  TestResult result = evaluation::NamedResult(test, a, b);
  result.difference = difference.auc;
  result.standardError = std::sqrt(std::max(0.0, Covariance(clusters, difference, difference)));
  if (result.standardError > 1e-12)
  {
    result.statistic = result.difference / result.standardError;
    result.p = 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), std::abs(result.statistic)));
    const double z = boost::math::quantile(boost::math::normal(), (1 + plan.confidence) / 2);
    result.low = result.difference - z * result.standardError;
    result.high = result.difference + z * result.standardError;
  }
  else if (std::abs(result.difference) <= 1e-12) // else, as for AUCs of 0 and 1, there is no estimate of the variance and no p
    result.difference = result.standardError = result.statistic = 0, result.p = 1;
  return result;
}

} // namespace

TestResult DeLongTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  evaluation::RequireOneRowAPatient(a, "DeLong test", "obuchowski, permutation or bootstrap");
  return CompareAucs("delong", "the DeLong test", a, b, plan);
}

TestResult ObuchowskiTest(const Predictions & a, const Predictions & b, const ComparisonPlan & plan)
{
  return CompareAucs("obuchowski", "Obuchowski's test", a, b, plan);
}

JointAucTest TestAllAucs(const std::vector<Predictions> & models)
{
  Require(models.size() >= 2, Fault::Input, "the joint test of AUCs needs two models; there are ", models.size());
  const auto        rows = RowsOf(models[0]);
  const ClusterPlan plan(rows);
  RequireTwoClasses(models[0], plan, "the joint test of AUCs");
  std::vector<Placements> placements{ { plan, rows } };
  for (std::size_t i = 1; i < models.size(); ++i)
  {
    std::vector<const Prediction *> paired;
    for (const auto & [first, second] : evaluation::PairUnits(models[0], models[i]))
      paired.push_back(second);
    placements.emplace_back(plan, paired);
  }
  JointAucTest result;
  for (const auto & one : placements)
  {
    result.aucs.push_back(one.auc);
    result.covariance.emplace_back();
    for (const auto & other : placements)
      result.covariance.back().push_back(Covariance(plan, one, other));
  }
  // Contrasts against the first model; directions without variance are left out, as by a generalised inverse.
  const auto      contrasts = static_cast<Eigen::Index>(models.size()) - 1;
  const auto      s = [&](Eigen::Index i, Eigen::Index j) { return result.covariance[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)]; };
  Eigen::MatrixXd covariance(contrasts, contrasts);
  Eigen::VectorXd difference(contrasts);
  for (Eigen::Index i = 0; i < contrasts; ++i)
  {
    difference(i) = result.aucs[static_cast<std::size_t>(i) + 1] - result.aucs[0];
    for (Eigen::Index j = 0; j < contrasts; ++j)
      covariance(i, j) = s(i + 1, j + 1) - s(i + 1, 0) - s(0, j + 1) + s(0, 0);
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(covariance);
  result.test = { 0, 0, 1 };
  for (Eigen::Index i = 0; i < contrasts; ++i)
    if (eigen.eigenvalues()(i) > 1e-9 * std::max(1e-9, eigen.eigenvalues().maxCoeff()))
    {
      result.test.statistic += std::pow(eigen.eigenvectors().col(i).dot(difference), 2) / eigen.eigenvalues()(i);
      ++result.test.degrees;
    }
  if (result.test.degrees > 0)
    result.test.p = boost::math::cdf(boost::math::complement(boost::math::chi_squared(result.test.degrees), result.test.statistic));
  return result;
}

Interval DeLongInterval(const Predictions & predictions, double confidence)
{
  const auto        rows = RowsOf(predictions);
  const ClusterPlan plan(rows);
  RequireTwoClasses(predictions, plan, "DeLong's interval");
  const Placements placements(plan, rows);
  const double     auc = placements.auc, error = std::sqrt(std::max(0.0, Covariance(plan, placements, placements)));
  Interval         interval{ auc, notDefined, notDefined, 0, HasOneRowEach(predictions) ? "DeLong" : "Obuchowski" };
  if (auc <= 0 || auc >= 1)
    return interval;
  const double half = boost::math::quantile(boost::math::normal(), (1 + confidence) / 2) * error / (auc * (1 - auc)), logit = std::log(auc / (1 - auc));
  interval.low = 1 / (1 + std::exp(half - logit));
  interval.high = 1 / (1 + std::exp(-half - logit));
  return interval;
}

} // namespace serval
