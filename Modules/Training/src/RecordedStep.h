#pragma once

#include "Batches.h"
#include "Cuda.h"
#include "Tasks.h"

#include <functional>
#include <optional>

namespace serval
{

/// A training step that is recorded on a GPU once its shapes are known, and launched as a whole from then on. Elsewhere,
/// and where the step cannot be recorded, it is run.
class RecordedStep
{
public:
  /// `step` differentiates and moves the parameters; its outcome is detached.
  using Step = std::function<Outcome(const Batch &)>;

  RecordedStep(const torch::Device & device, bool isRecordable, Step step);

  Outcome Run(const Batch & batch);
  /// The next step differs from those before (layers were frozen or woken).
  void Forget();

private:
  static constexpr int warmUps = 3; ///< in which libraries choose their kernels and gradients find their places

  void Record(const Batch & batch);

  torch::Device               m_Device;
  bool                        m_IsRecordable;
  Step                        m_Step;
  int                         m_Runs = 0;
  Batch                       m_Batch;   ///< what the recorded step reads
  Outcome                     m_Outcome; ///< and writes
  std::optional<CapturedStep> m_Captured;
};

} // namespace serval
