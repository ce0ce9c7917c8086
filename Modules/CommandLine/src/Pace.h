#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace serval::app
{

/// How fast a long work goes and how long it still takes.
class Pace
{
public:
  using Clock = std::chrono::steady_clock;

  explicit Pace(Clock::time_point start)
    : m_Start(start)
  {}

  /// "3.1 a second, 1:20 left", or less while less is known. The count is the "12 of 40" in the comment.
  std::string Words(double fraction, std::string_view comment, Clock::time_point now);

private:
  struct Count
  {
    double            done;
    Clock::time_point at;
  };
  Clock::time_point    m_Start;
  std::optional<Count> m_First; ///< what was done when counting began, perhaps by an earlier run
  std::string          m_Counted;
};

} // namespace serval::app
