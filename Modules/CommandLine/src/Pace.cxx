#include "Pace.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <cmath>
#include <cstdio>
#include <vector>

namespace serval::app
{
namespace
{

using Seconds = std::chrono::duration<double>;

// In the first seconds a rate is a guess.
constexpr Seconds patience{ 2 };

struct Counted
{
  double      done;
  std::string what; ///< the comment without its first number: another one counts other things
};

std::optional<Counted> CountIn(std::string_view comment)
{
  const auto words = Split(comment, ' ');
  for (std::size_t i = 1; i + 1 < words.size(); ++i)
    if (const auto done = ParseInteger(words[i - 1]); words[i] == "of" && done && ParseInteger(words[i + 1]))
      return Counted{ double(*done), (i > 1 ? words[0] : std::string()) + words[i + 1] };
  return std::nullopt;
}

std::string RateText(double each)
{
  const auto text = [](double rate, const char * unit) { return FormatFixed(rate, rate < 10 ? 1 : 0) + unit; };
  return each >= 1 ? text(each, " a second") : 60 * each >= 1 ? text(60 * each, " a minute") : text(3600 * each, " an hour");
}

std::string ClockText(double seconds)
{
  const auto whole = std::llround(seconds);
  char       text[32];
  if (whole < 3600)
    std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
  else
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  return text;
}

} // namespace

std::string Pace::Words(double fraction, std::string_view comment, Clock::time_point now)
{
  std::string words;
  if (const auto counted = CountIn(comment))
  {
    if (!m_First || counted->what != m_Counted)
    {
      m_First = Count{ counted->done, now };
      m_Counted = counted->what;
    }
    const double seconds = Seconds(now - m_First->at).count();
    if (const double done = counted->done - m_First->done; seconds > patience.count() && done > 0)
      words = RateText(done / seconds);
  }
  const Seconds passed = now - m_Start;
  if (passed > patience && fraction > 0.01 && fraction < 1)
    words += (words.empty() ? "" : ", ") + ClockText(passed.count() * (1 - fraction) / fraction) + " left";
  return words;
}

} // namespace serval::app
