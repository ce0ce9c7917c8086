#include "Processes.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Training/ProcessPlan.h"

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#ifdef SERVAL_HAS_GLOO
#  include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#ifdef SERVAL_HAS_CUDA
#  include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>

namespace serval
{
namespace
{

constexpr std::chrono::minutes patience(10);

// The first sentence of what a library says, without the place in its source.
std::string Said(const std::exception & error)
{
  std::string text = error.what();
  if (const auto end = text.find("] "); text.starts_with('[') && end != text.npos)
    text.erase(0, end + 2);
  return text.substr(0, std::min(text.find('\n'), text.find(". ")));
}

c10::intrusive_ptr<c10d::Backend> Connect(const ProcessPlan & plan, const torch::Device & device)
{
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(plan.port);
  options.isServer = plan.rank == 0 && !plan.isServed;
  options.numWorkers = plan.count;
  options.waitWorkers = false;
  options.timeout = patience;
  const c10::intrusive_ptr<c10d::Store> meeting = c10::make_intrusive<c10d::TCPStore>(plan.address, options);
  const c10::intrusive_ptr<c10d::Store> store = c10::make_intrusive<c10d::PrefixStore>(plan.prefix, meeting);
#ifdef SERVAL_HAS_CUDA
  if (device.is_cuda())
    return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, plan.rank, plan.count);
#endif
  Require(device.is_cpu(), Fault::Environment, "several processes: this Serval is built without NCCL; use --device cpu");
#ifdef SERVAL_HAS_GLOO
  auto gloo = c10d::ProcessGroupGloo::Options::create(patience);
  gloo->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
  return c10::make_intrusive<c10d::ProcessGroupGloo>(store, plan.rank, plan.count, gloo);
#else
  Fail(Fault::Environment, "several processes: this Serval is built without Gloo; install libgloo-dev and build again");
#endif
}

[[noreturn]] void FailOf(const std::exception & error)
{
  Fail(Fault::Environment, "several processes: another process of the run ended or cannot be reached (", Said(error),
       "); start all again, training goes on from its checkpoint");
}

} // namespace

struct Processes::Group
{
  ProcessPlan                       plan;
  c10::intrusive_ptr<c10d::Backend> backend;
};

Processes Processes::Of(const torch::Device & device)
{
  // Kept until the process ends: to take the connection down while others still use it would end them.
  static const auto * group = [&]() -> const std::shared_ptr<Group> * {
    const auto plan = ProcessPlan::OfEnvironment();
    if (plan.count == 1)
      return new std::shared_ptr<Group>();
    try
    {
      return new std::shared_ptr<Group>(new Group{ plan, Connect(plan, device) });
    }
    catch (const Error &)
    {
      throw;
    }
    catch (const std::exception & error)
    {
      Fail(Fault::Environment, "several processes: no meeting at ", plan.address, " port ", plan.port, " (", Said(error), ")");
    }
  }();
  Processes processes;
  processes.m_Group = *group;
  return processes;
}

int Processes::Rank() const { return m_Group ? m_Group->plan.rank : 0; }
int Processes::Count() const { return m_Group ? m_Group->plan.count : 1; }

std::function<void()> Processes::BeginSum(torch::Tensor tensor) const
{
  if (!m_Group)
    return [] {};
  try
  {
    std::vector<torch::Tensor> tensors{ std::move(tensor) };
    return [work = m_Group->backend->allreduce(tensors)] {
      try
      {
        work->wait();
      }
      catch (const std::exception & error)
      {
        FailOf(error);
      }
    };
  }
  catch (const std::exception & error)
  {
    FailOf(error);
  }
}

void Processes::Sum(torch::Tensor tensor) const { BeginSum(std::move(tensor))(); }

} // namespace serval
