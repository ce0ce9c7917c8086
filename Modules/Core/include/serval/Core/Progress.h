#pragma once

#include <string_view>

namespace serval
{

/// Receives how far a long computation is: a fraction 0..1 that never falls, and a short comment.
class Progress
{
public:
  virtual ~Progress() = default;
  virtual void Report(double fraction, std::string_view comment) = 0;
};

/// Reports nowhere.
class NoProgress final : public Progress
{
public:
  void Report(double, std::string_view) override {}
};

/// A share [from, to] of another progress.
class ProgressShare final : public Progress
{
public:
  ProgressShare(Progress & whole, double from, double to)
    : m_Whole(whole)
    , m_From(from)
    , m_To(to)
  {}
  void Report(double fraction, std::string_view comment) override
  {
    m_Whole.Report(m_From + fraction * (m_To - m_From), comment);
  }

private:
  Progress & m_Whole;
  double     m_From, m_To;
};

} // namespace serval
