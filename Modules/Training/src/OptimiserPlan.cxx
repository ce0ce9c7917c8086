#include "serval/Training/OptimiserPlan.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace serval
{
namespace
{

template <typename T>
T ValueOf(const std::string & text, const std::vector<std::pair<std::string, T>> & known, const char * what)
{
  std::vector<std::string> words;
  for (const auto & [word, value] : known)
  {
    if (word == text)
      return value;
    words.push_back(word);
  }
  Fail(Fault::Usage, "the ", what, " '", text, "' is unknown; ", Join(words, ", "), " are known");
}

} // namespace

void OptimiserPlan::Check(bool hasValidation) const
{
  Require(momentum >= 0 && momentum < 1, Fault::Usage, "a momentum of ", momentum, "; 0 to below 1 is possible");
  Require(factor > 0 && factor <= 1, Fault::Usage, "a factor of the learning rate of ", factor, "; above 0, at most 1 is possible");
  Require(power > 0 && every >= 1 && rampUp >= 0 && clipNorm >= 0, Fault::Usage,
          "the schedule needs a power above 0, 1 epoch or evaluation at least, and no negative ramp or norm");
  Require(accumulation >= 1 && evaluateEvery >= 0 && patience >= 0, Fault::Usage, "numbers of batches and evaluations are not negative");
  Require(averaging >= 0 && averaging < 1, Fault::Usage, "a decay of the average of ", averaging, "; 0 to below 1 is possible");
  Require(hasValidation || (schedule != Schedule::Plateau && patience == 0), Fault::Usage,
          "a plateau and an early stop need validation patients (--validation)");
}

double OptimiserPlan::RateAt(int step, int steps, double perEpoch, int falls) const
{
  const double done = double(step - 1) / steps, epoch = std::floor((step - 1) / perEpoch);
  double       rate = 1;
  switch (schedule)
  {
    case Schedule::Cosine: rate = std::max(0.5 * (1 + std::cos(M_PI * done)), 1e-3); break;
    case Schedule::Constant: break;
    case Schedule::Step: rate = std::pow(factor, std::floor(epoch / every)); break;
    case Schedule::Exponential: rate = std::pow(factor, epoch); break;
    case Schedule::Polynomial: rate = std::pow(1 - done, power); break;
    case Schedule::Plateau: rate = std::pow(factor, falls); break;
  }
  return step <= rampUp ? rate * step / (rampUp + 1) : rate;
}

std::string OptimiserPlan::ToText() const
{
  return Concat(int(method), ' ', momentum, ' ', int(schedule), ' ', factor, ' ', power, ' ', every, ' ', rampUp, ' ', clipNorm, ' ', accumulation, ' ', averaging, ' ',
                evaluateEvery, ' ', int(metric), ' ', patience, ' ', keepsBest);
}

OptimiserPlan::Method OptimiserPlan::MethodFrom(const std::string & text)
{
  return ValueOf<Method>(
    text, { { "adamw", Method::AdamW }, { "adam", Method::Adam }, { "nadam", Method::Nadam }, { "sgd", Method::Sgd }, { "nesterov", Method::Nesterov } }, "optimiser");
}

OptimiserPlan::Schedule OptimiserPlan::ScheduleFrom(const std::string & text)
{
  return ValueOf<Schedule>(text,
                           { { "cosine", Schedule::Cosine },
                             { "constant", Schedule::Constant },
                             { "step", Schedule::Step },
                             { "exponential", Schedule::Exponential },
                             { "polynomial", Schedule::Polynomial },
                             { "plateau", Schedule::Plateau } },
                           "schedule");
}

OptimiserPlan::Metric OptimiserPlan::MetricFrom(const std::string & text)
{
  return ValueOf<Metric>(text, { { "loss", Metric::Loss }, { "accuracy", Metric::Accuracy } }, "metric");
}

} // namespace serval
