#include "ForEachCase.h"

#include "serval/Core/Error.h"

#include <itkMultiThreaderBase.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace serval
{

void ForEachCase(std::size_t cases, int threads, const std::function<void(std::size_t)> & act, Progress & progress)
{
  itk::MultiThreaderBase::SetGlobalDefaultNumberOfThreads(1);
  const auto               cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t        workers = std::min<std::size_t>(cases, threads > 0 ? static_cast<unsigned>(threads) : cores);
  std::atomic<std::size_t> next = 0, done = 0;
  std::size_t              failedCase = cases, ended = 0;
  std::exception_ptr       failure;
  std::mutex               mutex;
  std::condition_variable  oneEnded;
  const auto               work = [&] {
    for (std::size_t at = next++; at < cases; at = next++, ++done)
      try
      {
        act(at);
      }
      catch (...)
      {
        const std::scoped_lock lock(mutex);
        if (at < failedCase)
        {
          failedCase = at;
          failure = std::current_exception();
        }
        next = cases; // the others end what they are at
      }
    const std::scoped_lock lock(mutex);
    ++ended;
    oneEnded.notify_one();
  };
  std::vector<std::jthread> pool;
  for (std::size_t worker = 0; worker < workers; ++worker)
    pool.emplace_back(work);
  std::unique_lock lock(mutex);
  while (!oneEnded.wait_for(lock, std::chrono::milliseconds(200), [&] { return ended == workers; }))
    progress.Report(static_cast<double>(done) / static_cast<double>(cases), Concat("Case ", done, " of ", cases));
  if (failure)
    std::rethrow_exception(failure);
}

} // namespace serval
