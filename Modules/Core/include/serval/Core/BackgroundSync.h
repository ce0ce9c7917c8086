#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>

namespace serval
{

/// Makes written files durable in a thread of its own, so that who wrote them goes on instead of waiting for the disk.
class BackgroundSync
{
public:
  BackgroundSync() = default;
  /// Waits for the file at work; files still waiting are left to the system.
  ~BackgroundSync();
  BackgroundSync(const BackgroundSync &) = delete;
  BackgroundSync & operator=(const BackgroundSync &) = delete;

  void Add(std::filesystem::path file);
  /// Returns when all files given so far lie on the disk. Fault::Environment when one could not be written to it.
  void Finish();

private:
  void Serve();

  std::mutex                        m_Mutex;
  std::condition_variable           m_Changed;
  std::deque<std::filesystem::path> m_Waiting;
  std::exception_ptr                m_Failure;
  bool                              m_IsBusy = false, m_IsEnding = false;
  std::thread                       m_Thread; ///< started by the first file
};

} // namespace serval
