#include "serval/Core/Text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

namespace serval
{
namespace
{

template <typename T>
std::optional<T> ParseWhole(std::string_view text)
{
  if (text.starts_with('+'))
    text.remove_prefix(1);
  T          value{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || result.ec != std::errc{} || result.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

// Levenshtein distance.
std::size_t EditDistance(std::string_view a, std::string_view b)
{
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{ 0 });
  for (std::size_t i = 1; i <= a.size(); ++i)
  {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j)
    {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({ row[j] + 1, row[j - 1] + 1, substituted });
    }
  }
  return row.back();
}

} // namespace

std::string Trim(std::string_view text)
{
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos)
    return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

std::vector<std::string> Split(std::string_view text, char separator)
{
  std::vector<std::string> parts;
  for (std::size_t begin = 0;;)
  {
    const auto end = text.find(separator, begin);
    parts.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos)
      return parts;
    begin = end + 1;
  }
}

std::string Join(const std::vector<std::string> & items, std::string_view separator)
{
  std::string text;
  for (const auto & item : items)
    text.append(text.empty() && &item == items.data() ? "" : separator).append(item);
  return text;
}

std::optional<double>    ParseDouble(std::string_view text) { return ParseWhole<double>(text); }
std::optional<long long> ParseInteger(std::string_view text) { return ParseWhole<long long>(text); }

std::string FormatNumber(double value)
{
  std::array<char, 32> buffer{};
  const auto           result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return { buffer.data(), result.ptr };
}

std::string FormatFixed(double value, int digits)
{
  if (!std::isfinite(value))
    return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  std::array<char, 400> buffer{};
  const auto            result =
    std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, digits);
  return { buffer.data(), result.ptr };
}

std::string Counted(long long count, std::string_view noun)
{
  const bool takesE = noun.ends_with("ch") || noun.ends_with("s") || noun.ends_with("x");
  return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : takesE ? "es" : "s");
}

std::string EscapeXml(std::string_view text)
{
  std::string escaped;
  for (const char c : text)
    switch (c)
    {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += c;
    }
  return escaped;
}

std::string NearestWord(std::string_view word, const std::vector<std::string> & known)
{
  std::string best;
  std::size_t bestDistance = word.size() / 3 + 1;
  for (const auto & candidate : known)
    if (const auto distance = EditDistance(word, candidate); distance <= bestDistance && !candidate.empty())
    {
      best = candidate;
      bestDistance = distance == 0 ? 0 : distance - 1;
    }
  return best;
}

} // namespace serval
