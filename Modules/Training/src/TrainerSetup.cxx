#include "Checkpoint.h"
#include "MemoryPlan.h"
#include "Trainer.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Core/Text.h"
#include "serval/Network/PlanTable.h"

#include <torch/utils.h>

#include <algorithm>
#include <map>
#include <utility>

namespace serval
{
namespace
{

GraphNetwork MakeNetwork(const PatchCache & cache, const TrainRequest & request)
{
  torch::manual_seed(DeriveSeed(request.seed, { "initialisation" }));
  return GraphNetwork(request.network, cache.Description().patch);
}

std::string LayerOfArray(const std::string & name) { return name.substr(0, name.find('.')); }

} // namespace

Trainer::Trainer(const PatchCache & cache, const TrainRequest & request)
  : m_Cache(cache)
  , m_Request(request)
  , m_Chosen(ChooseDevice(request.computing))
  , m_Processes(request.computing.together ? Processes::Of(m_Chosen.device) : Processes())
  , m_Layers(request.network.Layers())
  , m_Fresh(FreshLayers(PlanTable(request.network, cache.Description().patch, request.source, request.plan)))
  , m_Net(MakeNetwork(cache, request))
  , m_Task(cache, request, m_Chosen, static_cast<std::size_t>(m_Processes.Rank() * (request.batch / m_Processes.Count())))
  , m_Batches(request.patches, static_cast<std::size_t>(request.batch), request.seed)
  , m_Ahead(m_Batches)
  , m_Selection(request.optimiser)
  , m_Recorded(m_Chosen.device, m_Task.IsRecordable() && m_Processes.Count() == 1 && request.optimiser.method != OptimiserPlan::Method::Nadam, [this](const Batch & batch) { return WholeStep(batch); })
{
  request.optimiser.Check(!request.validation.empty());
  Require(request.validation.empty() || request.task != TrainRequest::Task::Boltzmann, Fault::Usage, "Boltzmann machines are not validated");
  const int count = m_Processes.Count();
  Require(count == 1 || request.task != TrainRequest::Task::Boltzmann, Fault::Usage, "Boltzmann machines are trained by one process");
  Require(request.batch % (count * std::max(1, request.parts)) == 0, Fault::Usage, "a batch of ", request.batch, " cannot be computed by ", count, " process(es) in ",
          std::max(1, request.parts), " equal parts each");
  Require(request.plan.warmUpSteps == 0 || m_Fresh.size() < m_Layers.size(), Fault::Usage,
          "a warm-up trains the new layers alone, but no layer comes from a source");
  Require(request.plan.warmUpSteps == 0 || !m_Fresh.empty(), Fault::Usage, "a warm-up trains the new layers alone, but all come from the source");
  if (request.source)
    LoadSource();
  m_Net.SetTraining(true);
  m_Net.Place(m_Chosen.device);
  MakeOptimiser();
  m_Parts = ChooseParts();
  if (m_Chosen.type == torch::kHalf)
    m_Scaler.emplace(m_Chosen.device);
  if (request.optimiser.averaging > 0)
    m_Average.emplace(m_Net, request.optimiser.averaging);
  m_Result.device = m_Chosen.name;
  m_Result.processor = m_Chosen.processor;
  m_Result.threads = torch::get_num_threads();
  m_Result.processes = count;
  m_Result.isFirst = m_Processes.IsFirst();
  if (count > 1)
    m_Net.ShareStatistics([processes = m_Processes](torch::Tensor tensor) { processes.Sum(std::move(tensor)); });
  m_Result.precision = m_Chosen.precision;
}

void Trainer::LoadSource()
{
  m_Result.load = m_Net.Load(m_Request.source->arrays, m_Request.plan.ResetLayers(m_Layers));
  if (m_Request.plan.onlyStatistics)
    KeepStatisticsOnly();
}

void Trainer::KeepStatisticsOnly()
{
  const torch::NoGradGuard noGradient;
  for (auto & [name, parameter] : m_Net.Parameters())
    if (m_Result.load->arrays.at(name) == "loaded")
      parameter.copy_(torch::randn_like(parameter) * parameter.std(false) + parameter.mean());
}

// One group for each learning rate and weight decay; layers that the plan freezes throughout are in none.
void Trainer::MakeOptimiser()
{
  const auto                                          never = m_Request.plan.FrozenLayers(m_Layers);
  std::map<std::pair<double, double>, ParameterGroup> groups;
  for (const auto & [name, parameter] : m_Net.Parameters())
  {
    const auto layer = LayerOfArray(name);
    if (m_Request.task == TrainRequest::Task::Boltzmann || std::find(never.begin(), never.end(), layer) != never.end())
      continue;
    const bool   isBias = name.ends_with(".bias");
    const double decay = isBias && m_Request.plan.biasFactor != 1 ? 0 : m_Request.weightDecay;
    const double factor = m_Request.plan.RateOf(layer, m_Layers, isBias);
    auto &       group = groups[{ factor, decay }];
    group.factor = factor;
    group.decay = decay;
    group.parameters[name] = parameter;
  }
  std::vector<ParameterGroup> all;
  for (auto & [key, group] : groups)
    all.push_back(std::move(group));
  Require(!all.empty() || m_Request.task == TrainRequest::Task::Boltzmann, Fault::Usage, "the plan freezes every layer; nothing would be learned");
  m_Optimiser.emplace(m_Request.optimiser, std::move(all));
}

// The request's, else as few as a GPU's memory allows, measured with another network of the same kind.
int Trainer::ChooseParts()
{
  if (m_Request.parts > 0 || !m_Chosen.device.is_cuda() || m_Request.task == TrainRequest::Task::Boltzmann)
    return std::max(1, m_Request.parts);
  const auto random = GeneratorState(m_Chosen.device);
  const auto what = Concat("a patch of ", ToText(m_Cache.Description().patch), " voxels");
  const auto memory = [&] {
    auto net = MakeNetwork(m_Cache, m_Request);
    net.SetTraining(true);
    net.Place(m_Chosen.device);
    return MeasureStep(m_Chosen.device, [&](int samples) { m_Task.Ask(net, m_Task.Load(std::vector(static_cast<std::size_t>(samples), m_Request.patches.front()))).loss.backward(); }, what);
  }();
  SetGeneratorState(m_Chosen.device, random);
  std::int64_t lasting = 0; // gradients and two moments
  for (const auto & [name, parameter] : m_Net.Parameters())
    lasting += 3 * static_cast<std::int64_t>(parameter.nbytes());
  const auto free = MeasureMemory(m_Chosen.device).free - lasting;
  const auto plan = PlanBatch(m_Request.batch, memory, free, what);
  m_Result.memory = PlanText(m_Request.batch, plan, memory, free);
  return plan.parts;
}

// Where it is less work than to compute them at every step.
void Trainer::KeepFrozen()
{
  const auto never = m_Request.plan.FrozenLayers(m_Layers);
  const auto drawn = static_cast<std::size_t>(m_Request.steps) * static_cast<std::size_t>(m_Request.batch * m_Request.optimiser.accumulation / m_Processes.Count());
  auto       patches = m_Request.patches;
  patches.insert(patches.end(), m_Request.validation.begin(), m_Request.validation.end());
  if (never.empty() || m_Request.task == TrainRequest::Task::Boltzmann || drawn <= patches.size())
    return;
  m_Net.Freeze(never);
  m_Task.KeepFrozen(m_Net, never, patches);
}

} // namespace serval
