#include "serval/Core/Error.h"
#include "serval/Core/JobQueue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>

namespace serval
{
namespace
{

TEST(JobQueue, DoesEveryJobOnceOnAnyNumberOfThreads)
{
  for (const int threads : { 0, 1, 2, 7 })
  {
    std::vector<std::atomic<int>> done(23);
    JobQueue(done.size()).Run(threads, [&](std::size_t i) { ++done[i]; });
    NoProgress progress;
    JobQueue(done.size()).Run(threads, [&](std::size_t i) { ++done[i]; }, progress);
    for (const auto & count : done)
      EXPECT_EQ(count, 2);
  }
  JobQueue(0).Run(2, [](std::size_t) { FAIL(); });
}

TEST(JobQueue, ThrowsTheFailureOfTheLowestNumberAndBeginsNoFurtherJob)
{
  std::atomic<int> begun = 0;
  try
  {
    JobQueue(1000).Run(4, [&](std::size_t i) {
      ++begun;
      if (i == 2)
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
      if (i == 2 || i == 3)
        Fail(Fault::Input, "job ", i);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
    FAIL();
  }
  catch (const Error & e)
  {
    EXPECT_STREQ(e.what(), "job 2");
  }
  EXPECT_LT(begun, 1000);
}

TEST(JobQueue, KeepsTheMemoryInWorkWithinItsLimit)
{
  const std::vector<std::uint64_t> needs{ 3, 3, 9, 1, 1, 1, 20, 3 };
  std::atomic<std::uint64_t>       inWork = 0, most = 0;
  JobQueue(needs, 10).Run(4, [&](std::size_t i) {
    const auto now = inWork += needs[i];
    if (needs[i] <= 10)
      most = std::max<std::uint64_t>(most, now);
    else
      EXPECT_EQ(now, needs[i]) << "it runs alone";
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    inWork -= needs[i];
  });
  EXPECT_LE(most, 10U);
}

} // namespace
} // namespace serval
