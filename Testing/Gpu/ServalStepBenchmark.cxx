// ServalStepBenchmark FOLDER [cuda|cpu] [CASE...]: times forward, backward and optimiser of some networks, and writes each as
// FOLDER/NAME.safetensors for step-benchmark.py. Output: name,edge,batch,bound,mode,milliseconds
// ServalStepBenchmark --why: says why there is no GPU (exit code 4), or nothing.
#include "Cuda.h"
#include "Optimiser.h"
#include "serval/Core/Error.h"
#include "serval/Network/GraphNetwork.h"

#include <ATen/Context.h>
#include <torch/autograd.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <optional>

namespace serval
{
namespace
{

struct Case
{
  std::string name, network;
  int         filters, depth, edge, batch;
  std::string bound; ///< what takes the time: "kernels" or "launches"
};

// A network as large as they are trained, and small ones on the patches of few-case studies.
const std::vector<Case> cases{ { "unet-large", "unet", 32, 4, 96, 2, "kernels" },
                               { "unet-16", "unet", 16, 3, 16, 8, "launches" },
                               { "unet-32", "unet", 16, 3, 32, 4, "launches" },
                               { "resnet18-32", "resnet18", 0, 0, 32, 8, "launches" } };

NetworkSpec SpecOf(const Case & c)
{
  NetworkSpec spec;
  spec.name = c.network;
  if (c.network == "unet")
  {
    spec.filters = c.filters;
    spec.depth = c.depth;
    spec.segmentationClasses = 3;
  }
  else
    spec.classes = 3;
  return spec;
}

/// A training step on fixed inputs, in bfloat16, channels last.
class Step
{
public:
  Step(const Case & c, const torch::Device & device)
    : m_Net(SpecOf(c), { c.edge, c.edge, c.edge })
    , m_Input(torch::randn({ c.batch, 1, c.edge, c.edge, c.edge }).contiguous(torch::MemoryFormat::ChannelsLast3d).to(device))
  {
    m_Net.Place(device);
    const std::vector<std::int64_t> voxels{ c.batch, c.edge, c.edge, c.edge }, samples{ c.batch };
    m_Labels = torch::randint(3, SpecOf(c).segmentationClasses > 0 ? voxels : samples, torch::kLong).to(device);
    m_Adam.emplace(OptimiserPlan(), std::vector{ ParameterGroup{ 1, 0, m_Net.Parameters() } });
    m_Adam->SetRate(1e-3);
  }

  void operator()()
  {
    m_Adam->ZeroGradients();
    const auto logits = m_Net.Forward(m_Input.to(torch::kBFloat16)).begin()->second.to(torch::kFloat);
    torch::cross_entropy_loss(logits, m_Labels).backward();
    m_Adam->Step();
  }

  const GraphNetwork & Net() const { return m_Net; }

private:
  GraphNetwork             m_Net;
  torch::Tensor            m_Input, m_Labels;
  std::optional<Optimiser> m_Adam;
};

/// Median of five means, each over about a second, in milliseconds.
template <typename TStep>
double Time(const torch::Device & device, TStep && step)
{
  using Clock = std::chrono::steady_clock;
  const auto run = [&](int count) {
    WaitFor(device);
    const auto begin = Clock::now();
    for (int i = 0; i < count; ++i)
      step();
    WaitFor(device);
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count() / count;
  };
  run(3);
  const int          count = std::max(1, static_cast<int>(1000 / run(3)));
  std::vector<double> times;
  for (int i = 0; i < 5; ++i)
    times.push_back(run(count));
  std::nth_element(times.begin(), times.begin() + 2, times.end());
  return times[2];
}

void Measure(const Case & c, const std::filesystem::path & folder, const torch::Device & device)
{
  torch::manual_seed(1);
  Step      step(c, device);
  ModelFile model;
  model.network = SpecOf(c);
  model.patch = { c.edge, c.edge, c.edge };
  model.classNames = std::vector<std::string>(static_cast<std::size_t>(model.network.classes), "class");
  model.segmentationNames = std::vector<std::string>(static_cast<std::size_t>(model.network.segmentationClasses), "tissue");
  model.arrays = step.Net().Arrays();
  model.Write(folder / (c.name + ".safetensors"));
  const auto say = [&](const std::string & mode, double milliseconds) {
    std::cout << c.name << ',' << c.edge << ',' << c.batch << ',' << c.bound << ',' << mode << ',' << milliseconds << std::endl;
  };
  say("steps", Time(device, step));
  if (device.is_cuda())
  {
    CapturedStep captured(device, [&step] { step(); });
    say("graph", Time(device, [&captured] { captured.Replay(); }));
  }
}

int Run(int count, char ** arguments)
{
  Require(count >= 2, Fault::Usage, "usage: ServalStepBenchmark FOLDER [cuda|cpu] [CASE...], or --why");
  if (std::string(arguments[1]) == "--why")
  {
    std::cout << WhyNoGpu() << '\n';
    return WhyNoGpu().empty() ? 0 : static_cast<int>(Fault::Environment);
  }
  const std::string              where = count > 2 ? arguments[2] : "cuda";
  const std::vector<std::string> names(arguments + std::min(count, 3), arguments + count);
  Require(where == "cuda" || where == "cpu", Fault::Usage, "the device is '", where, "'; cuda and cpu are known");
  for (const auto & name : names)
    Require(std::any_of(cases.begin(), cases.end(), [&name](const Case & c) { return c.name == name; }), Fault::Usage, "there is no case '", name, '\'');
  if (where == "cuda")
    Require(WhyNoGpu().empty(), Fault::Environment, "no GPU: ", WhyNoGpu());
  at::globalContext().setBenchmarkCuDNN(true);
  for (const auto & c : cases)
    if (names.empty() || std::find(names.begin(), names.end(), c.name) != names.end())
      Measure(c, arguments[1], where == "cpu" ? torch::Device(torch::kCPU) : torch::Device(torch::kCUDA, 0));
  return 0;
}

} // namespace
} // namespace serval

int main(int count, char ** arguments)
{
  try
  {
    return serval::Run(count, arguments);
  }
  catch (const serval::Error & error)
  {
    std::cerr << error.what() << '\n';
    return static_cast<int>(error.Kind());
  }
  catch (const std::exception & error)
  {
    std::cerr << error.what() << '\n';
    return static_cast<int>(serval::Fault::Internal);
  }
}
