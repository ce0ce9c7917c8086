#include "Checkpoint.h"

#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Text.h"

#include <ATen/Context.h>
#include <ATen/core/Generator.h>
#include <nlohmann/json.hpp>

namespace serval
{
namespace
{

std::string HashOfArrays(const std::map<std::string, TensorFile::Array> & arrays)
{
  std::string hashes;
  for (const auto & [name, array] : arrays)
    hashes += name + ContentHash(std::as_bytes(std::span(array.values)));
  return ContentHash(std::as_bytes(std::span(hashes)));
}

} // namespace

std::string RunKey(const PatchCache & cache, const TrainRequest & request, const ChosenDevice & chosen)
{
  const auto & plan = request.plan;
  const auto & loss = request.loss;
  const auto & c = request.corruption;
  std::vector<std::string> teachers;
  for (const auto * teacher : request.teachers)
    teachers.push_back(HashOfArrays(teacher->arrays));
  const nlohmann::json key{
    { "cache", cache.Fingerprint() }, { "patches", request.patches }, { "task", static_cast<int>(request.task) },
    { "network", request.network.ToJson() }, { "intensity", request.intensity.ToJson() },
    { "plan", { plan.freeze, plan.reset, plan.rates, plan.biasFactor, plan.layerDecay, plan.warmUpSteps, plan.unfreezeEvery, plan.onlyStatistics } },
    { "loss", { static_cast<int>(loss.overlap), loss.tversky, loss.focal, loss.labelSmoothing, loss.classWeights, loss.ignoreLabel, loss.auxiliary,
                loss.distillation, loss.temperature } },
    { "corruption", { c.curveProbability, c.shuffleProbability, c.paintProbability, c.innerShare, c.maskedShare, c.maskEdge } },
    { "source", request.source ? HashOfArrays(request.source->arrays) : "" }, { "teachers", teachers },
    { "optimisation", { request.steps, request.batch, request.parts, request.learningRate, request.weightDecay, request.seed, request.optimiser.ToText() } },
    { "validation", request.validation }, { "augmentation", request.augmentation.ToText() },
    { "device", chosen.name }, { "precision", chosen.precision }
  };
  const auto text = key.dump();
  return ContentHash(std::as_bytes(std::span(text)));
}

std::string GeneratorState(const torch::Device & device)
{
  constexpr char       digits[] = "0123456789abcdef";
  const auto           state = at::globalContext().defaultGenerator(device).get_state().contiguous();
  const std::uint8_t * bytes = state.const_data_ptr<std::uint8_t>();
  std::string          text;
  for (std::int64_t i = 0; i < state.numel(); ++i)
    text += { digits[bytes[i] >> 4U], digits[bytes[i] & 15U] };
  return text;
}

void SetGeneratorState(const torch::Device & device, const std::string & state)
{
  auto       bytes = torch::empty({ static_cast<std::int64_t>(state.size() / 2) }, torch::kUInt8);
  const auto value = [&](char digit) { return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10); };
  Require(state.find_first_not_of("0123456789abcdef") == std::string::npos && state.size() % 2 == 0, Fault::Input, "the checkpoint's random state is damaged");
  for (std::size_t i = 0; i < state.size() / 2; ++i)
    bytes.data_ptr<std::uint8_t>()[i] = static_cast<std::uint8_t>(value(state[2 * i]) << 4U | value(state[2 * i + 1]));
  at::Generator generator = at::globalContext().defaultGenerator(device); // shares the state
  generator.set_state(bytes);
}

} // namespace serval
