#include "serval/Core/JobQueue.h"

#include "serval/Core/Error.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace serval
{

std::size_t JobQueue::Workers(int threads) const
{
  const auto cores = std::max(1U, std::thread::hardware_concurrency());
  return std::min<std::size_t>(threads > 0 ? static_cast<std::size_t>(threads) : cores, m_Needs.size());
}

bool JobQueue::Claim(std::size_t & job)
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

void JobQueue::Release(std::size_t job)
{
  const std::lock_guard lock(m_Mutex);
  ++m_Done;
  m_InWork -= m_Needs[job];
  m_Changed.notify_all();
}

void JobQueue::Stop(std::size_t job, std::exception_ptr failure)
{
  const std::lock_guard lock(m_Mutex);
  m_IsStopped = true;
  if (!m_Failure || job < m_FailedJob)
  {
    m_FailedJob = job;
    m_Failure = std::move(failure);
  }
  m_Changed.notify_all();
}

void JobQueue::Serve(const Work & work)
{
  std::size_t job = 0;
  try
  {
    for (; Claim(job); Release(job))
      work(job);
  }
  catch (...)
  {
    Stop(job, std::current_exception());
  }
}

void JobQueue::Watch(Progress & progress)
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

void JobQueue::ThrowFailure() const
{
  if (m_Failure)
    std::rethrow_exception(m_Failure);
}

void JobQueue::Run(int threads, const Work & work, Progress & progress)
{
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < Workers(threads); ++i)
      workers.emplace_back([&] { Serve(work); });
    try
    {
      Watch(progress);
    }
    catch (...) // the host is gone; the workers end before the exception travels on
    {
      Stop(m_Needs.size(), std::current_exception());
    }
  }
  ThrowFailure();
}

void JobQueue::Run(int threads, const Work & work)
{
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < Workers(threads); ++i)
      others.emplace_back([&] { Serve(work); });
    Serve(work);
  }
  ThrowFailure();
}

} // namespace serval
