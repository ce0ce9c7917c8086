#include "Pace.h"

#include <gtest/gtest.h>

namespace serval::app
{
namespace
{

using namespace std::chrono_literals;

TEST(Pace, IsSilentWhileItWouldGuess)
{
  const Pace::Clock::time_point start{};
  Pace                          pace(start);
  EXPECT_EQ(pace.Words(0.5, "Case 1 of 2", start + 1s), "");
  EXPECT_EQ(Pace(start).Words(0, "", start + 100s), "");
}

TEST(Pace, TellsRateAndTimeLeft)
{
  const Pace::Clock::time_point start{};
  Pace                          pace(start);
  pace.Words(0, "Case 0 of 40", start);
  EXPECT_EQ(pace.Words(0.25, "Case 10 of 40", start + 5s), "2.0 a second, 0:15 left");
  EXPECT_EQ(pace.Words(0.5, "Case 20 of 40", start + 3600s), "20 an hour, 1:00:00 left");
  EXPECT_EQ(pace.Words(1, "Done", start + 3600s), "");
}

// An earlier run's cases are not this run's speed, and another count is counted anew.
TEST(Pace, CountsFromWhereItBegan)
{
  const Pace::Clock::time_point start{};
  Pace                          pace(start);
  pace.Words(0.5, "100 of 200 cases", start);
  EXPECT_EQ(pace.Words(0.55, "110 of 200 cases", start + 10s).substr(0, 12), "1.0 a second");
  EXPECT_EQ(pace.Words(0.6, "Patch 3 of 9", start + 11s).find("second"), std::string::npos);
}

} // namespace
} // namespace serval::app
