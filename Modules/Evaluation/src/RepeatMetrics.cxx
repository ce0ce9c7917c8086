#include "RepeatMetrics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

namespace serval::evaluation
{
namespace
{

constexpr double notDefined = std::numeric_limits<double>::quiet_NaN();

double Logit(double p)
{
  constexpr double least = std::numeric_limits<double>::epsilon();
  p = std::clamp(p, least, 1 - least);
  return std::log(p / (1 - p));
}

/// What follows from the counts of truths and decisions alone.
class ConfusionMetric final : public RepeatMetric
{
public:
  ConfusionMetric(Metric metric, const std::vector<Entry> & entries, std::size_t classes)
    : m_Metric(metric)
    , m_Classes(classes)
  {
    std::map<std::pair<std::size_t, std::size_t>, double> cells;
    for (const auto & entry : entries)
      ++cells[{ entry.patient, static_cast<std::size_t>(entry.truth) * classes + static_cast<std::size_t>(entry.decision) }];
    for (const auto & [key, count] : cells)
      m_Cells.push_back({ key.first, key.second, count });
  }

  double operator()(const std::vector<int> & weights) const override
  {
    std::vector<double> counts(m_Classes * m_Classes, 0), truths(m_Classes, 0), decisions(m_Classes, 0);
    for (const auto & cell : m_Cells)
      counts[cell.place] += weights[cell.patient] * cell.rows;
    double all = 0, right = 0;
    for (std::size_t t = 0; t < m_Classes; ++t)
      for (std::size_t d = 0; d < m_Classes; ++d)
      {
        const double count = counts[t * m_Classes + d];
        truths[t] += count;
        decisions[d] += count;
        right += t == d ? count : 0;
      }
    all = std::accumulate(truths.begin(), truths.end(), 0.0);
    if (all <= 0)
      return notDefined;
    const auto hit = [&](std::size_t c) { return counts[c * m_Classes + c]; };
    const auto f1 = [&](std::size_t c) { return 2 * hit(c) / (truths[c] + decisions[c]); };
    const auto one = static_cast<std::size_t>(std::max(0, m_Metric.ofClass));
    switch (m_Metric.kind)
    {
      case Metric::Accuracy:
      case Metric::MicroF1: return right / all;
      case Metric::BalancedAccuracy: return MeanOver(truths, [&](std::size_t c) { return hit(c) / truths[c]; });
      case Metric::MacroF1: {
        auto present = truths;
        for (std::size_t c = 0; c < m_Classes; ++c)
          present[c] += decisions[c];
        return MeanOver(present, f1);
      }
      case Metric::Recall: return truths[one] > 0 ? hit(one) / truths[one] : notDefined;
      case Metric::Precision: return decisions[one] > 0 ? hit(one) / decisions[one] : notDefined;
      case Metric::F1: return truths[one] + decisions[one] > 0 ? f1(one) : notDefined;
      case Metric::Specificity:
        return all > truths[one] ? 1 - (decisions[one] - hit(one)) / (all - truths[one]) : notDefined;
      default: break;
    }
    double chance = 0, truthSquares = 0, decisionSquares = 0; // what kappa and Matthews' correlation share
    for (std::size_t c = 0; c < m_Classes; ++c)
    {
      chance += truths[c] * decisions[c];
      truthSquares += truths[c] * truths[c];
      decisionSquares += decisions[c] * decisions[c];
    }
    if (m_Metric.kind == Metric::Kappa)
      return all * all > chance ? (right * all - chance) / (all * all - chance) : notDefined;
    const double spread = (all * all - truthSquares) * (all * all - decisionSquares);
    return spread > 0 ? (right * all - chance) / std::sqrt(spread) : 0;
  }

private:
  // Of the classes with a count.
  template <typename Function>
  static double MeanOver(const std::vector<double> & counts, const Function & value)
  {
    double sum = 0, classes = 0;
    for (std::size_t c = 0; c < counts.size(); ++c)
      if (counts[c] > 0)
      {
        sum += value(c);
        ++classes;
      }
    return sum / classes;
  }

  struct Cell
  {
    std::size_t patient, place; ///< in the matrix
    double      rows;
  };

  Metric            m_Metric;
  std::size_t       m_Classes;
  std::vector<Cell> m_Cells;
};

/// Rows by rising score of a class; sorted once.
struct Ranked
{
  struct Row
  {
    std::uint32_t patient;
    std::int32_t  truth;
    bool          endsTie; ///< the next score is greater
  };
  int              positive;
  std::vector<Row> rows;

  Ranked(const std::vector<Entry> & entries, int c)
    : positive(c)
  {
    const auto                                  at = static_cast<std::size_t>(c);
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < entries.size(); ++i)
      order.emplace_back((*entries[i].probabilities)[at], i);
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < order.size(); ++i)
    {
      const auto & entry = entries[order[i].second];
      rows.push_back({ static_cast<std::uint32_t>(entry.patient), entry.truth, i + 1 == order.size() || order[i + 1].first > order[i].first });
    }
  }

  /// Weighted Mann-Whitney against the other classes, or against one of them; ties in half.
  double Auc(const std::vector<int> & weights, int other = -1) const
  {
    double below = 0, sum = 0, positives = 0, tiedPositives = 0, tiedNegatives = 0;
    for (const auto & row : rows)
    {
      if (row.truth == positive)
        tiedPositives += weights[row.patient];
      else if (other < 0 || row.truth == other)
        tiedNegatives += weights[row.patient];
      if (!row.endsTie)
        continue;
      sum += tiedPositives * (below + 0.5 * tiedNegatives);
      below += tiedNegatives;
      positives += tiedPositives;
      tiedPositives = tiedNegatives = 0;
    }
    return positives > 0 && below > 0 ? sum / (positives * below) : notDefined;
  }

  double AveragePrecision(const std::vector<int> & weights) const
  {
    double hits = 0, said = 0, newHits = 0, sum = 0;
    for (std::size_t i = rows.size(); i-- > 0;)
    {
      const auto & row = rows[i];
      said += weights[row.patient];
      newHits += row.truth == positive ? weights[row.patient] : 0;
      if (i > 0 && !rows[i - 1].endsTie)
        continue;
      hits += newHits;
      sum += newHits > 0 ? newHits * hits / said : 0;
      newHits = 0;
    }
    return hits > 0 ? sum / hits : notDefined;
  }
};

class RankMetric final : public RepeatMetric
{
public:
  RankMetric(Metric metric, const std::vector<Entry> & entries, std::size_t classes)
    : m_Kind(metric.kind)
  {
    const int  count = static_cast<int>(classes);
    const bool all = metric.ofClass < 0 && (count > 2 || m_Kind == Metric::HandTill);
    for (int c = 0; c < count; ++c)
      if (all || c == (metric.ofClass < 0 ? 1 : metric.ofClass))
        m_Classes.emplace_back(entries, c);
  }

  double operator()(const std::vector<int> & weights) const override
  {
    double sum = 0, terms = 0;
    for (const auto & ranked : m_Classes)
    {
      if (m_Kind != Metric::HandTill)
        sum += m_Kind == Metric::Auc ? ranked.Auc(weights) : ranked.AveragePrecision(weights);
      for (std::size_t other = 0; m_Kind == Metric::HandTill && other < m_Classes.size(); ++other)
        if (static_cast<int>(other) != ranked.positive)
          sum += ranked.Auc(weights, static_cast<int>(other));
      terms += m_Kind == Metric::HandTill ? double(m_Classes.size() - 1) : 1;
    }
    return sum / terms;
  }

private:
  Metric::Kind        m_Kind;
  std::vector<Ranked> m_Classes;
};

class MeanLoss final : public RepeatMetric
{
public:
  MeanLoss(Metric metric, const std::vector<Entry> & entries)
  {
    for (const auto & entry : entries)
    {
      const auto & p = *entry.probabilities;
      double       loss = 0;
      if (metric.kind == Metric::LogLoss)
        loss = -std::log(std::max(p[static_cast<std::size_t>(entry.truth)], std::numeric_limits<double>::epsilon()));
      else
        for (std::size_t c = p.size() == 2 ? 1 : 0; c < p.size(); ++c)
          loss += std::pow(p[c] - (static_cast<int>(c) == entry.truth ? 1 : 0), 2);
      auto & [sum, rows] = m_Losses[entry.patient];
      sum += loss;
      ++rows;
    }
  }

  double operator()(const std::vector<int> & weights) const override
  {
    double sum = 0, all = 0;
    for (const auto & [patient, loss] : m_Losses)
    {
      sum += weights[patient] * loss.first;
      all += weights[patient] * loss.second;
    }
    return all > 0 ? sum / all : notDefined;
  }

private:
  std::map<std::size_t, std::pair<double, double>> m_Losses; ///< by patient: sum, rows
};

class CalibrationError final : public RepeatMetric
{
public:
  explicit CalibrationError(const std::vector<Entry> & entries)
  {
    for (const auto & entry : entries)
    {
      const double confidence = (*entry.probabilities)[static_cast<std::size_t>(entry.decision)];
      m_Rows.push_back({ entry.patient, static_cast<std::size_t>(CalibrationBin(confidence)), (entry.truth == entry.decision ? 1 : 0) - confidence });
    }
  }

  double operator()(const std::vector<int> & weights) const override
  {
    std::vector<double> gaps(eceBins, 0);
    double              all = 0, sum = 0;
    for (const auto & row : m_Rows)
    {
      gaps[row.bin] += weights[row.patient] * row.gap;
      all += weights[row.patient];
    }
    for (const double gap : gaps)
      sum += std::abs(gap);
    return all > 0 ? sum / all : notDefined;
  }

private:
  struct Row
  {
    std::size_t patient, bin;
    double      gap; ///< right - confidence
  };
  std::vector<Row> m_Rows;
};

class SlopeMetric final : public RepeatMetric
{
public:
  SlopeMetric(const std::vector<Entry> & entries, std::size_t classes)
  {
    for (const auto & entry : entries)
      for (std::size_t c = classes == 2 ? 1 : 0; c < classes; ++c)
        m_Rows.push_back({ entry.patient, Logit((*entry.probabilities)[c]), entry.truth == static_cast<int>(c) ? 1.0 : 0.0 });
  }

  // Newton's method on the log likelihood of intercept and slope; NaN where classes are separated or scores constant.
  double operator()(const std::vector<int> & weights) const override
  {
    double intercept = 0, slope = 0;
    for (int step = 0; step < 50; ++step)
    {
      double g0 = 0, g1 = 0, h00 = 0, h01 = 0, h11 = 0;
      for (const auto & row : m_Rows)
      {
        const double w = weights[row.patient], p = 1 / (1 + std::exp(-intercept - slope * row.logit)), v = w * p * (1 - p);
        g0 += w * (row.truth - p);
        g1 += w * (row.truth - p) * row.logit;
        h00 += v;
        h01 += v * row.logit;
        h11 += v * row.logit * row.logit;
      }
      const double determinant = h00 * h11 - h01 * h01;
      if (!(determinant > 1e-12 * h00 * h11) || std::abs(slope) > 1e3)
        return notDefined;
      const double change0 = (h11 * g0 - h01 * g1) / determinant, change1 = (h00 * g1 - h01 * g0) / determinant;
      intercept += change0;
      slope += change1;
      if (std::abs(change0) + std::abs(change1) < 1e-9 * (1 + std::abs(slope)))
        return slope;
    }
    return notDefined;
  }

private:
  struct Row
  {
    std::size_t patient;
    double      logit, truth;
  };
  std::vector<Row> m_Rows;
};

} // namespace

std::shared_ptr<const RepeatMetric> MakeRepeatMetric(Metric metric, const std::vector<Entry> & entries, std::size_t classes)
{
  switch (metric.kind)
  {
    case Metric::Auc:
    case Metric::HandTill:
    case Metric::AveragePrecision: return std::make_shared<RankMetric>(metric, entries, classes);
    case Metric::LogLoss:
    case Metric::Brier: return std::make_shared<MeanLoss>(metric, entries);
    case Metric::Ece: return std::make_shared<CalibrationError>(entries);
    case Metric::CalibrationSlope: return std::make_shared<SlopeMetric>(entries, classes);
    default: return std::make_shared<ConfusionMetric>(metric.ofClass < 0 && classes == 2 ? Metric(metric.kind, 1) : metric, entries, classes);
  }
}

} // namespace serval::evaluation
