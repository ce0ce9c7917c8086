#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace serval::cache
{

/// Threads that wait for work, so that small batches do not pay for starting them. One caller at a time has the team;
/// another caller meanwhile works alone.
class WorkerTeam
{
public:
  ~WorkerTeam();
  /// Calls `work` with 0 to count - 1, by up to `threads` threads with the caller's. The first exception is rethrown.
  void Run(int threads, std::size_t count, const std::function<void(std::size_t)> & work);

private:
  void Grow(std::size_t helpers);
  void Wait();
  void Work();

  std::mutex                               m_Turn; ///< held by the caller that has the team
  std::mutex                               m_Mutex;
  std::condition_variable                  m_Start, m_End;
  std::vector<std::thread>                 m_Threads;
  const std::function<void(std::size_t)> * m_Work = nullptr;
  std::atomic<std::size_t>                 m_Next{ 0 };
  std::size_t                              m_Count = 0, m_Wanted = 0, m_Busy = 0;
  std::exception_ptr                       m_Failure;
  bool                                     m_Ends = false;
};

} // namespace serval::cache
