#pragma once

#include "serval/Core/Error.h"

#include <array>
#include <string>
#include <utility>

namespace serval
{

/// The words of an enumeration, said once for options and files.
template <typename TEnum, std::size_t N>
using Words = std::array<std::pair<TEnum, const char *>, N>;

template <typename TEnum, std::size_t N>
std::string WordOf(TEnum value, const Words<TEnum, N> & words)
{
  for (const auto & [known, word] : words)
    if (known == value)
      return word;
  return {};
}

/// Fault::Usage with the known words when `text` is none of them.
template <typename TEnum, std::size_t N>
TEnum ValueOf(const std::string & text, const Words<TEnum, N> & words, const char * what)
{
  std::string all;
  for (const auto & [known, word] : words)
  {
    if (text == word)
      return known;
    all += std::string(all.empty() ? "" : ", ") + word;
  }
  Fail(Fault::Usage, "the ", what, " '", text, "' is unknown; there are: ", all);
}

} // namespace serval
