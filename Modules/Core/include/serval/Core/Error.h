#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace serval
{

/// Who can repair it; the number is the exit code. Excluded (6): finished, but some cases were left out.
enum class Fault
{
  Usage = 2,
  Input = 3,
  Environment = 4,
  Internal = 5,
  Excluded = 6
};

/// What is wrong, where, what was found and what was expected, in one message.
class Error : public std::runtime_error
{
public:
  Error(Fault fault, const std::string & message)
    : std::runtime_error(message)
    , m_Fault(fault)
  {}
  Fault Kind() const noexcept { return m_Fault; }

private:
  Fault m_Fault;
};

/// The parts written one after another as text.
template <typename... TParts>
std::string Concat(const TParts &... parts)
{
  std::ostringstream text;
  (text << ... << parts);
  return text.str();
}

template <typename... TParts>
[[noreturn]] void Fail(Fault fault, const TParts &... parts)
{
  throw Error(fault, Concat(parts...));
}

template <typename... TParts>
void Require(bool condition, Fault fault, const TParts &... parts)
{
  if (!condition)
    Fail(fault, parts...);
}

} // namespace serval
