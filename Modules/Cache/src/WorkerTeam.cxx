#include "WorkerTeam.h"

#include <algorithm>

namespace serval::cache
{

WorkerTeam::~WorkerTeam()
{
  {
    const std::lock_guard lock(m_Mutex);
    m_Ends = true;
  }
  m_Start.notify_all();
  for (auto & thread : m_Threads)
    thread.join();
}

void WorkerTeam::Run(int threads, std::size_t count, const std::function<void(std::size_t)> & work)
{
  const std::unique_lock turn(m_Turn, std::try_to_lock);
  const auto helpers = std::min(count, static_cast<std::size_t>(std::max(threads, 1))) - (count > 0 ? 1 : 0);
  if (helpers == 0 || !turn)
  {
    for (std::size_t i = 0; i < count; ++i)
      work(i);
    return;
  }
  {
    const std::lock_guard lock(m_Mutex);
    m_Work = &work;
    m_Next = 0;
    m_Count = count;
    m_Failure = nullptr;
    m_Wanted = helpers;
    Grow(helpers);
  }
  m_Start.notify_all();
  Work();
  std::unique_lock lock(m_Mutex);
  m_Wanted = 0; // who has not begun is not needed any more
  m_End.wait(lock, [this] { return m_Busy == 0; });
  if (m_Failure)
    std::rethrow_exception(m_Failure);
}

void WorkerTeam::Grow(std::size_t helpers)
{
  while (m_Threads.size() < helpers)
    m_Threads.emplace_back([this] { Wait(); });
}

void WorkerTeam::Wait()
{
  std::unique_lock lock(m_Mutex);
  for (;;)
  {
    m_Start.wait(lock, [this] { return m_Ends || m_Wanted > 0; });
    if (m_Ends)
      return;
    --m_Wanted;
    ++m_Busy;
    lock.unlock();
    Work();
    lock.lock();
    --m_Busy;
    m_End.notify_all();
  }
}

void WorkerTeam::Work()
{
  try
  {
    for (std::size_t i = m_Next++; i < m_Count; i = m_Next++)
      (*m_Work)(i);
  }
  catch (...)
  {
    const std::lock_guard lock(m_Mutex);
    m_Failure = m_Failure ? m_Failure : std::current_exception();
    m_Next = m_Count;
  }
}

} // namespace serval::cache
