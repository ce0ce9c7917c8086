#include "CaseQueue.h"

#include "serval/Core/Error.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace serval
{

bool CaseQueue::Claim(std::size_t & job)
{
  std::unique_lock lock(m_Mutex);
  // A large job is not overtaken by small ones behind it, or it might wait for ever.
  m_Changed.wait(lock, [this] {
    return m_IsStopped || m_Next == m_Needs.size() || m_Memory == 0 || m_InWork == 0 || m_InWork + m_Needs[m_Next] <= m_Memory;
  });
  if (m_IsStopped || m_Next == m_Needs.size())
    return false;
  job = m_Next++;
  m_InWork += m_Needs[job];
  return true;
}

void CaseQueue::Release(std::size_t job)
{
  const std::lock_guard lock(m_Mutex);
  ++m_Done;
  m_InWork -= m_Needs[job];
  m_Changed.notify_all();
}

void CaseQueue::Stop(std::exception_ptr failure)
{
  const std::lock_guard lock(m_Mutex);
  m_IsStopped = true;
  if (!m_Failure)
    m_Failure = std::move(failure);
  m_Changed.notify_all();
}

void CaseQueue::Serve(const Work & work)
{
  try
  {
    for (std::size_t job = 0; Claim(job); Release(job))
      work(job);
  }
  catch (...)
  {
    Stop(std::current_exception());
  }
}

void CaseQueue::Watch(Progress & progress)
{
  std::unique_lock lock(m_Mutex);
  while (!m_IsStopped && m_Done < m_Needs.size())
  {
    const std::size_t done = m_Done;
    lock.unlock();
    progress.Report(double(done) / double(m_Needs.size()), Concat(done, " of ", m_Needs.size(), " cases"));
    lock.lock();
    m_Changed.wait_for(lock, std::chrono::milliseconds(500), [&] { return m_IsStopped || m_Done == m_Needs.size(); });
  }
}

void CaseQueue::Run(int threads, const Work & work, Progress & progress)
{
  const auto cores = std::max(1U, std::thread::hardware_concurrency());
  const auto wanted = threads > 0 ? static_cast<std::size_t>(threads) : cores;
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < std::min(wanted, m_Needs.size()); ++i)
      workers.emplace_back([&] { Serve(work); });
    try
    {
      Watch(progress);
    }
    catch (...) // the host is gone; the workers end before the exception travels on
    {
      Stop(std::current_exception());
    }
  }
  if (m_Failure)
    std::rethrow_exception(m_Failure);
}

} // namespace serval
