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

/// Runs numbered jobs on threads; at most `memory` bytes are in work at once. When jobs fail, no further ones begin, and
/// the failure of the lowest number is thrown when all threads have come to rest.
class JobQueue
{
public:
  explicit JobQueue(std::size_t jobs)
    : JobQueue(std::vector<std::uint64_t>(jobs, 0), 0)
  {}
  /// `needs`: bytes of each job. `memory` 0: no limit. A job that needs more runs alone.
  JobQueue(std::vector<std::uint64_t> needs, std::uint64_t memory)
    : m_Needs(std::move(needs))
    , m_Memory(memory)
  {}

  using Work = std::function<void(std::size_t)>;
  /// `threads` 0: all cores. Progress ("3 of 12 cases") is told twice a second by the calling thread, which does no work.
  void Run(int threads, const Work & work, Progress & progress);
  /// The calling thread is one of the threads.
  void Run(int threads, const Work & work);

private:
  std::size_t Workers(int threads) const;
  bool        Claim(std::size_t & job);
  void        Release(std::size_t job);
  void        Stop(std::size_t job, std::exception_ptr failure);
  void        Serve(const Work & work);
  void        Watch(Progress & progress);
  void        ThrowFailure() const;

  std::vector<std::uint64_t> m_Needs;
  std::uint64_t              m_Memory, m_InWork = 0;
  std::size_t                m_Next = 0, m_Done = 0, m_FailedJob = 0;
  bool                       m_IsStopped = false;
  std::exception_ptr         m_Failure;
  std::mutex                 m_Mutex;
  std::condition_variable    m_Changed;
};

} // namespace serval
