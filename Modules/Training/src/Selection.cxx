#include "Selection.h"

#include "Optimiser.h"
#include "serval/Core/Error.h"

#include <nlohmann/json.hpp>
#include <torch/autograd.h>

#include <algorithm>

namespace serval
{

MovingAverage::MovingAverage(GraphNetwork & net, double decay)
  : m_Net(net)
  , m_Decay(decay)
{
  m_Net.ForEachArray([&](const std::string & name, torch::Tensor & array) { m_Arrays[name] = array.detach().clone(); });
}

void MovingAverage::Update()
{
  const torch::NoGradGuard noGradient;
  ++m_Updates;
  const double decay = std::min(m_Decay, (1.0 + m_Updates) / (10.0 + m_Updates));
  m_Net.ForEachArray([&](const std::string & name, torch::Tensor & array) { m_Arrays.at(name).lerp_(array, 1 - decay); });
}

void MovingAverage::Swap()
{
  const torch::NoGradGuard noGradient;
  m_Net.ForEachArray([&](const std::string & name, torch::Tensor & array) {
    auto & average = m_Arrays.at(name);
    auto   kept = array.detach().clone();
    array.copy_(average);
    average = std::move(kept);
  });
}

void MovingAverage::Save(TensorFile & file) const
{
  for (const auto & [name, array] : m_Arrays)
    file.arrays["average." + name] = ArrayOf(array);
  file.metadata["averaged"] = std::to_string(m_Updates);
}

void MovingAverage::Restore(const TensorFile & file)
{
  for (auto & [name, array] : m_Arrays)
    array = TensorLike(array, file, "average." + name);
  m_Updates = std::stoi(file.metadata.at("averaged"));
}

void Selection::Offer(int step, double loss, double accuracy, const GraphNetwork & net)
{
  const double value = m_Plan.metric == OptimiserPlan::Metric::Loss ? -loss : accuracy;
  ++m_Waits;
  ++m_PlateauWaits;
  if (m_BestStep == 0 || value > m_BestValue)
  {
    m_BestValue = value;
    m_BestStep = step;
    m_Waits = m_PlateauWaits = 0;
    m_Best = net.Arrays();
  }
  if (m_PlateauWaits >= m_Plan.every)
  {
    ++m_Falls;
    m_PlateauWaits = 0;
  }
}

void Selection::Save(TensorFile & file) const
{
  for (const auto & [name, array] : m_Best)
    file.arrays["best." + name] = array;
  file.metadata["selection"] = nlohmann::json{ m_BestValue, m_BestStep, m_Falls, m_Waits, m_PlateauWaits }.dump();
}

void Selection::Restore(const TensorFile & file)
{
  const auto json = nlohmann::json::parse(file.metadata.at("selection"));
  m_BestValue = json.at(0);
  m_BestStep = json.at(1);
  m_Falls = json.at(2);
  m_Waits = json.at(3);
  m_PlateauWaits = json.at(4);
  for (const auto & [name, array] : file.arrays)
    if (name.starts_with("best."))
      m_Best[name.substr(5)] = array;
}

} // namespace serval
