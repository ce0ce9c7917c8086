#include "RunParallel.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

namespace serval
{

void RunParallel(std::size_t count, const std::function<void(std::size_t)> & work)
{
  std::atomic<std::size_t> next{ 0 };
  std::exception_ptr       failure;
  std::mutex               mutex;
  const auto               run = [&] {
    try
    {
      for (std::size_t i = next++; i < count; i = next++)
        work(i);
    }
    catch (...)
    {
      const std::scoped_lock lock(mutex);
      failure = failure ? failure : std::current_exception();
      next = count;
    }
  };
  {
    std::jthread other;
    if (count > 1)
      other = std::jthread(run);
    run();
  }
  if (failure)
    std::rethrow_exception(failure);
}

} // namespace serval
