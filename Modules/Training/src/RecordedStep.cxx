#include "RecordedStep.h"

#include "serval/Core/Error.h"

#include <utility>

namespace serval
{
namespace
{

// In the layout that it has.
Batch CopyOf(const Batch & batch)
{
  auto tensors = batch.Tensors();
  for (auto & tensor : tensors)
    if (tensor.defined())
      tensor = tensor.clone();
  return Batch::Of(tensors);
}

} // namespace

RecordedStep::RecordedStep(const torch::Device & device, bool isRecordable, Step step)
  : m_Device(device)
  , m_IsRecordable(isRecordable && device.is_cuda())
  , m_Step(std::move(step))
{}

Outcome RecordedStep::Run(const Batch & batch)
{
  if (m_IsRecordable && !m_Captured && m_Runs++ >= warmUps)
    Record(batch);
  if (!m_Captured || batch.Size() != m_Batch.Size())
    return m_Step(batch);
  const auto from = batch.Tensors(), to = m_Batch.Tensors();
  for (std::size_t i = 0; i < to.size(); ++i)
    if (to[i].defined())
      to[i].copy_(from[i]);
  m_Captured->Replay();
  return { m_Outcome.loss.clone(), m_Outcome.accuracy.clone() };
}

void RecordedStep::Record(const Batch & batch)
{
  m_Batch = CopyOf(batch);
  try
  {
    m_Captured.emplace(m_Device, [this] { m_Outcome = m_Step(m_Batch); }, 0);
  }
  catch (const Error & error)
  {
    if (error.Kind() != Fault::Internal)
      throw;
    m_IsRecordable = false;
  }
}

void RecordedStep::Forget()
{
  m_Captured.reset();
  m_Runs = 0;
}

} // namespace serval
