#pragma once
// All that is asked of CUDA beyond tensors. With a LibTorch without CUDA it compiles too, and answers Fault::Environment.

#include <torch/types.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace serval
{

/// Why no GPU can be used, for a user; empty where one can.
std::string WhyNoGpu();

/// Bytes of a GPU.
struct DeviceMemory
{
  std::int64_t total = 0;
  std::int64_t free = 0; ///< what tensors may still take: unused, or kept by the allocator for them
  std::int64_t used = 0; ///< by tensors, now
  std::int64_t peak = 0; ///< by tensors, at most since ResetPeakMemory
};

/// Fault::Environment when `device` is no GPU. Waits for nothing.
DeviceMemory MeasureMemory(const torch::Device & device);
/// MeasureMemory's peak begins anew at what is used now.
void ResetPeakMemory(const torch::Device & device);
/// Gives back to the driver what the allocator keeps unused.
void ReleaseUnusedMemory(const torch::Device & device);
/// Whether `error` says that the GPU's memory was too small.
bool IsOutOfMemory(const std::exception & error);
/// Waits until everything sent to the device is done; returns at once on a CPU.
void WaitFor(const torch::Device & device);

/// An uninitialised tensor on the host: in pinned memory when `device` is a GPU, so that copies to it need not wait.
torch::Tensor HostTensor(torch::IntArrayRef shape, torch::ScalarType type, const torch::Device & device);

/// While it lives, the thread sends its work for a GPU to a stream other than the default, on which steps can be recorded.
/// Without a GPU: nothing.
class OnOwnStream
{
public:
  explicit OnOwnStream(const torch::Device & device);
  ~OnOwnStream();
  OnOwnStream(const OnOwnStream &) = delete;
  OnOwnStream & operator=(const OnOwnStream &) = delete;

private:
  struct Impl;
  std::unique_ptr<Impl> m_Impl;
};

/// Makes batches on the device on a stream of their own, while the device computes on others. On a CPU they are just made.
/// Start and Take are not called at the same time; they may be called from two threads.
class Prefetch
{
public:
  explicit Prefetch(const torch::Device & device);
  ~Prefetch();
  Prefetch(const Prefetch &) = delete;
  Prefetch & operator=(const Prefetch &) = delete;

  /// Calls `make`, whose copies and operations go to the stream of this object, and keeps the tensors that it gives
  /// (undefined ones too). The device may not be done with them when this returns.
  void Start(const std::function<std::vector<torch::Tensor>()> & make);
  /// The tensors of the oldest Start not yet taken; what is sent to the device after this call finds them complete.
  /// Fault::Internal when none was started.
  std::vector<torch::Tensor> Take();
  /// Forgets what was started and not taken.
  void Clear();

private:
  struct Impl;
  std::unique_ptr<Impl> m_Impl;
};

/// A step recorded once and launched as a whole, which spares the launch of each kernel (CUDA graph).
///
/// `step` reads tensors that stay where they are (the caller copies each new batch into them), writes its results to
/// tensors that stay, must not read a value back to the host, and drops the gradients of the last time itself. Numbers of
/// the host that it uses are frozen: a learning rate or a step number belongs in a tensor (Optimiser). Random numbers of
/// the device's default generator go on from replay to replay.
class CapturedStep
{
public:
  /// Runs `step` `warmUps` times (so that libraries choose their kernels; these are true steps; 0 where it ran before on
  /// the same stream), then records it without running it: on the current stream, or on another where that is the default.
  /// Fault::Environment when `device` is no GPU; Fault::Internal when the step cannot be recorded.
  CapturedStep(const torch::Device & device, const std::function<void()> & step, int warmUps = 3);
  ~CapturedStep();
  CapturedStep(CapturedStep &&) noexcept;
  CapturedStep & operator=(CapturedStep &&) noexcept;

  /// Sends the recorded step to the device and returns.
  void Replay();

private:
  struct Impl;
  std::unique_ptr<Impl> m_Impl;
};

} // namespace serval
