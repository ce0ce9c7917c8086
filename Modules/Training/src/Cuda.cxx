#include "Cuda.h"

#include "serval/Core/Error.h"

#include <algorithm>
#include <deque>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#ifdef SERVAL_HAS_CUDA
#  include <ATen/cuda/CUDAEvent.h>
#  include <ATen/cuda/CUDAGraph.h>
#  include <c10/cuda/CUDACachingAllocator.h>
#  include <c10/cuda/CUDAGuard.h>
#  include <c10/cuda/CUDAStream.h>
#endif

namespace serval
{

torch::Tensor HostTensor(torch::IntArrayRef shape, torch::ScalarType type, const torch::Device & device)
{
  return torch::empty(shape, torch::TensorOptions(type).pinned_memory(device.is_cuda()));
}

bool IsOutOfMemory(const std::exception & error)
{
  if (dynamic_cast<const c10::OutOfMemoryError *>(&error))
    return true;
  // cuDNN and cuBLAS report their own workspaces so.
  const std::string_view text = error.what();
  return text.find("CUDA out of memory") != text.npos || text.find("CUDNN_STATUS_ALLOC_FAILED") != text.npos ||
         text.find("CUBLAS_STATUS_ALLOC_FAILED") != text.npos;
}

#ifdef SERVAL_HAS_CUDA

namespace
{

c10::DeviceIndex RequireGpu(const torch::Device & device)
{
  Require(device.is_cuda(), Fault::Environment, "a GPU was asked for, but the device is '", device.str(), '\'');
  return device.has_index() ? device.index() : c10::cuda::current_device();
}

} // namespace

std::string WhyNoGpu()
{
  int driver = 0, runtime = 0, count = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0)
    return "no NVIDIA driver is loaded";
  const auto error = cudaGetDeviceCount(&count);
  if (error == cudaErrorInsufficientDriver && cudaRuntimeGetVersion(&runtime) == cudaSuccess)
    return Concat("the NVIDIA driver knows CUDA ", driver / 1000, '.', driver % 1000 / 10, ", this LibTorch needs ", runtime / 1000, '.', runtime % 1000 / 10);
  if (error != cudaSuccess)
    return cudaGetErrorString(error);
  return count > 0 ? "" : "the CUDA driver finds no device";
}

DeviceMemory MeasureMemory(const torch::Device & device)
{
  const auto                 index = RequireGpu(device);
  const c10::cuda::CUDAGuard guard(index);
  std::size_t                unused = 0, total = 0;
  C10_CUDA_CHECK(cudaMemGetInfo(&unused, &total));
  const auto            stats = c10::cuda::CUDACachingAllocator::getDeviceStats(index);
  constexpr std::size_t all = 0; // StatType::AGGREGATE, whose namespace is another in torch before 2.6
  const std::int64_t    used = stats.allocated_bytes[all].current;
  return { static_cast<std::int64_t>(total), static_cast<std::int64_t>(unused) + stats.reserved_bytes[all].current - used, used,
           stats.allocated_bytes[all].peak };
}

void ResetPeakMemory(const torch::Device & device) { c10::cuda::CUDACachingAllocator::resetPeakStats(RequireGpu(device)); }

void ReleaseUnusedMemory(const torch::Device & device)
{
  RequireGpu(device);
  c10::cuda::CUDACachingAllocator::emptyCache();
}

void WaitFor(const torch::Device & device)
{
  if (!device.is_cuda())
    return;
  const c10::cuda::CUDAGuard guard(RequireGpu(device));
  c10::cuda::device_synchronize();
}

struct OnOwnStream::Impl
{
  explicit Impl(const c10::cuda::CUDAStream & stream)
    : guard(stream)
  {}
  c10::cuda::CUDAStreamGuard guard;
};

OnOwnStream::OnOwnStream(const torch::Device & device)
{
  if (!device.is_cuda())
    return;
  const auto          index = RequireGpu(device);
  const auto          before = c10::cuda::getCurrentCUDAStream(index), own = c10::cuda::getStreamFromPool(false, index);
  at::cuda::CUDAEvent ready;
  ready.record(before);
  ready.block(own);
  m_Impl = std::make_unique<Impl>(own);
}

OnOwnStream::~OnOwnStream()
{
  if (!m_Impl)
    return;
  const auto own = m_Impl->guard.current_stream();
  m_Impl.reset();
  at::cuda::CUDAEvent done;
  done.record(own);
  done.block(c10::cuda::getCurrentCUDAStream(own.device_index()));
}

struct Prefetch::Impl
{
  struct Batch
  {
    std::vector<torch::Tensor> tensors;
    at::cuda::CUDAEvent        made;
  };
  std::optional<c10::cuda::CUDAStream> stream;
  std::deque<Batch>                    batches;
};

Prefetch::Prefetch(const torch::Device & device)
  : m_Impl(std::make_unique<Impl>())
{
  if (device.is_cuda())
    m_Impl->stream = c10::cuda::getStreamFromPool(false, RequireGpu(device));
}

void Prefetch::Start(const std::function<std::vector<torch::Tensor>()> & make)
{
  Impl::Batch batch;
  // The allocator of pinned memory waits for this stream before it gives the host's memory to another tensor.
  const c10::cuda::OptionalCUDAStreamGuard guard(m_Impl->stream);
  batch.tensors = make();
  if (m_Impl->stream)
    batch.made.record(*m_Impl->stream);
  m_Impl->batches.push_back(std::move(batch));
}

std::vector<torch::Tensor> Prefetch::Take()
{
  Require(!m_Impl->batches.empty(), Fault::Internal, "a batch was asked for that was never sent to the device");
  auto batch = std::move(m_Impl->batches.front());
  m_Impl->batches.pop_front();
  if (m_Impl->stream)
  {
    const auto current = c10::cuda::getCurrentCUDAStream(m_Impl->stream->device_index());
    batch.made.block(current);
    // Its memory belongs to the copying stream, which must not take it back while the current one reads.
    for (const auto & tensor : batch.tensors)
      if (tensor.defined())
        tensor.record_stream(current.unwrap());
  }
  return std::move(batch.tensors);
}

struct CapturedStep::Impl
{
  c10::DeviceIndex    device;
  at::cuda::CUDAGraph graph;

  void Record(const std::function<void()> & step);
};

// The recording is ended in any case: a stream that is left recording can be used for nothing else.
void CapturedStep::Impl::Record(const std::function<void()> & step)
{
  std::exception_ptr failure;
  const auto         attempt = [&failure](const auto & act) {
    try
    {
      act();
    }
    catch (...)
    {
      if (!failure)
        failure = std::current_exception();
    }
  };
  graph.capture_begin();
  attempt(step);
  attempt([this] { graph.capture_end(); });
  try
  {
    if (failure)
      std::rethrow_exception(failure);
  }
  catch (const c10::Error & error)
  {
    Fail(Fault::Internal, "the step cannot be recorded as a CUDA graph: ", error.what_without_backtrace());
  }
}

CapturedStep::CapturedStep(const torch::Device & device, const std::function<void()> & step, int warmUps)
{
  const auto                 index = RequireGpu(device);
  const c10::cuda::CUDAGuard guard(index);
  m_Impl = std::make_unique<Impl>();
  m_Impl->device = index;
  // Recording is not allowed on the default stream.
  std::optional<OnOwnStream> other;
  if (c10::cuda::getCurrentCUDAStream(index) == c10::cuda::getDefaultCUDAStream(index))
    other.emplace(device);
  for (int i = 0; i < warmUps; ++i)
    step();
  c10::cuda::getCurrentCUDAStream(index).synchronize();
  c10::cuda::CUDACachingAllocator::emptyCache();
  m_Impl->Record(step);
}

void CapturedStep::Replay()
{
  const c10::cuda::CUDAGuard guard(m_Impl->device);
  m_Impl->graph.replay();
}

#else

std::string WhyNoGpu() { return "this Serval is built with a LibTorch without CUDA; build it with a CUDA wheel (Utilities/demo.sh --cuda)"; }

namespace
{

[[noreturn]] void FailWithoutCuda() { Fail(Fault::Environment, WhyNoGpu()); }

} // namespace

DeviceMemory MeasureMemory(const torch::Device &) { FailWithoutCuda(); }
void         ResetPeakMemory(const torch::Device &) { FailWithoutCuda(); }
void         ReleaseUnusedMemory(const torch::Device &) { FailWithoutCuda(); }

void WaitFor(const torch::Device & device)
{
  if (!device.is_cpu())
    FailWithoutCuda();
}

struct OnOwnStream::Impl
{};

OnOwnStream::OnOwnStream(const torch::Device & device)
{
  if (!device.is_cpu())
    FailWithoutCuda();
}

OnOwnStream::~OnOwnStream() = default;

struct Prefetch::Impl
{
  std::deque<std::vector<torch::Tensor>> batches;
};

Prefetch::Prefetch(const torch::Device & device)
  : m_Impl(std::make_unique<Impl>())
{
  if (!device.is_cpu())
    FailWithoutCuda();
}

void Prefetch::Start(const std::function<std::vector<torch::Tensor>()> & make) { m_Impl->batches.push_back(make()); }

std::vector<torch::Tensor> Prefetch::Take()
{
  Require(!m_Impl->batches.empty(), Fault::Internal, "a batch was asked for that was never sent to the device");
  auto batch = std::move(m_Impl->batches.front());
  m_Impl->batches.pop_front();
  return batch;
}

struct CapturedStep::Impl
{};

CapturedStep::CapturedStep(const torch::Device &, const std::function<void()> &, int) { FailWithoutCuda(); }
void CapturedStep::Replay() { FailWithoutCuda(); }

#endif

void Prefetch::Clear() { m_Impl->batches.clear(); }
Prefetch::~Prefetch() = default;
CapturedStep::~CapturedStep() = default;
CapturedStep::CapturedStep(CapturedStep &&) noexcept = default;
CapturedStep & CapturedStep::operator=(CapturedStep &&) noexcept = default;

} // namespace serval
