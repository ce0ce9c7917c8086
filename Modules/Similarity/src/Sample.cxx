#include "serval/Similarity/Sample.h"
#include "serval/Core/Error.h"
#include "serval/Core/JobQueue.h"
#include "serval/Core/Random.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace serval
{
namespace
{

LabelledSample TakeRows(const LabelledSample & sample, const std::vector<std::size_t> & rows, const std::vector<std::string> & groups)
{
  LabelledSample    taken;
  const std::size_t columns = taken.features.columns = sample.features.columns;
  taken.features.groups = groups;
  for (const auto row : rows)
  {
    const auto first = sample.features.values.begin() + static_cast<std::ptrdiff_t>(row * columns);
    taken.features.values.insert(taken.features.values.end(), first, first + static_cast<std::ptrdiff_t>(columns));
    taken.classes.push_back(sample.classes[row]);
  }
  return taken;
}

} // namespace

LabelledSample Resample(const LabelledSample & sample, std::mt19937_64 & random, std::vector<std::size_t> * order)
{
  std::map<std::string, std::vector<std::size_t>> rowsOf;
  for (std::size_t i = 0; i < sample.Rows(); ++i)
    rowsOf[sample.features.groups.empty() ? std::to_string(i) : sample.features.groups[i]].push_back(i);
  std::vector<const std::vector<std::size_t> *> units;
  for (const auto & [group, rows] : rowsOf)
    units.push_back(&rows);
  std::vector<std::size_t> chosen;
  std::vector<std::string> groups;
  for (std::size_t u = 0; u < units.size(); ++u)
    for (const auto row : *units[UniformBelow(units.size(), random)])
    {
      chosen.push_back(row);
      groups.push_back(std::to_string(u));
    }
  if (order)
    *order = chosen;
  return TakeRows(sample, chosen, groups);
}

LabelledSample Thin(const LabelledSample & sample, std::size_t count)
{
  Require(count >= 2, Fault::Usage, "at most ", count, " rows are to be used; at least 2 are needed");
  if (sample.Rows() <= count)
    return sample;
  std::vector<std::size_t> rows;
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < count; ++i)
  {
    rows.push_back(i * sample.Rows() / count);
    if (!sample.features.groups.empty())
      groups.push_back(sample.features.groups[rows.back()]);
  }
  return TakeRows(sample, rows, groups);
}

std::optional<Interval> BootstrapInterval(double estimate, const std::function<Answer(std::mt19937_64 &)> & measure, int replicates,
                                          std::uint64_t seed)
{
  std::vector<Answer> answers(static_cast<std::size_t>(std::max(replicates, 0)));
  JobQueue(answers.size()).Run(0, [&](std::size_t r) {
    std::mt19937_64 random(DeriveSeed(seed, { "similarity", "bootstrap", std::to_string(r) }));
    answers[r] = measure(random);
  });
  std::vector<double> values;
  for (const auto & answer : answers)
    if (answer.value)
      values.push_back(*answer.value);
  if (replicates < 1 || static_cast<double>(values.size()) < 0.9 * replicates)
    return std::nullopt;
  std::ranges::sort(values);
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(values.size() - 1);
    const auto   below = static_cast<std::size_t>(place);
    return std::lerp(values[below], values[std::min(below + 1, values.size() - 1)], place - std::floor(place));
  };
  const double shift = estimate - std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  return Interval{ at(0.025) + shift, at(0.975) + shift };
}

} // namespace serval
