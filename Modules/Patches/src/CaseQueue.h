#pragma once

#include "serval/Core/Progress.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <vector>

namespace serval
{

/// Runs numbered jobs in threads; at most `memory` bytes are in work at once. The first exception ends the run and is
/// thrown again when all threads have come to rest.
class CaseQueue
{
public:
  /// `needs`: bytes of each job. `memory` 0: no limit. A job that needs more runs alone.
  CaseQueue(std::vector<std::uint64_t> needs, std::uint64_t memory)
    : m_Needs(std::move(needs))
    , m_Memory(memory)
  {}

  using Work = std::function<void(std::size_t)>;
  void Run(int threads, const Work & work, Progress & progress);

private:
  bool Claim(std::size_t & job);
  void Release(std::size_t job);
  void Stop(std::exception_ptr failure);
  void Serve(const Work & work);
  void Watch(Progress & progress);

  std::vector<std::uint64_t> m_Needs;
  std::uint64_t              m_Memory, m_InWork = 0;
  std::size_t                m_Next = 0, m_Done = 0;
  bool                       m_IsStopped = false;
  std::exception_ptr         m_Failure;
  std::mutex                 m_Mutex;
  std::condition_variable    m_Changed;
};

} // namespace serval
