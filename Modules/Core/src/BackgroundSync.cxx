#include "serval/Core/BackgroundSync.h"

#include "serval/Core/AtomicFile.h"

namespace serval
{

BackgroundSync::~BackgroundSync()
{
  {
    const std::lock_guard lock(m_Mutex);
    m_IsEnding = true;
  }
  m_Changed.notify_all();
  if (m_Thread.joinable())
    m_Thread.join();
}

void BackgroundSync::Add(std::filesystem::path file)
{
  {
    const std::lock_guard lock(m_Mutex);
    m_Waiting.push_back(std::move(file));
    if (!m_Thread.joinable())
      m_Thread = std::thread([this] { Serve(); });
  }
  m_Changed.notify_all();
}

void BackgroundSync::Finish()
{
  std::unique_lock lock(m_Mutex);
  m_Changed.wait(lock, [this] { return m_Failure || (m_Waiting.empty() && !m_IsBusy); });
  if (m_Failure)
    std::rethrow_exception(m_Failure);
}

void BackgroundSync::Serve()
{
  std::unique_lock lock(m_Mutex);
  for (;;)
  {
    m_Changed.wait(lock, [this] { return m_IsEnding || !m_Waiting.empty(); });
    if (m_IsEnding)
      return;
    const auto file = std::move(m_Waiting.front());
    m_Waiting.pop_front();
    m_IsBusy = true;
    lock.unlock();
    std::exception_ptr failure;
    try
    {
      SyncFile(file);
    }
    catch (...)
    {
      failure = std::current_exception();
    }
    lock.lock();
    m_IsBusy = false;
    if (failure && !m_Failure)
      m_Failure = failure;
    m_Changed.notify_all();
  }
}

} // namespace serval
