#include "serval/Core/Random.h"

#include "serval/Core/Hash.h"

#include <string>

namespace serval
{

std::uint64_t DeriveSeed(std::uint64_t seed, std::initializer_list<std::string_view> words)
{
  std::string text = std::to_string(seed);
  for (const auto word : words)
    text.append(1, '\0').append(word);
  return FastHash(std::as_bytes(std::span(text.data(), text.size())));
}

std::uint64_t UniformBelow(std::uint64_t bound, std::mt19937_64 & random)
{
  __extension__ using Wide = unsigned __int128;
  Wide          product = Wide(random()) * bound;
  auto          low = static_cast<std::uint64_t>(product);
  const std::uint64_t threshold = low < bound ? (0 - bound) % bound : 0;
  while (low < threshold)
  {
    product = Wide(random()) * bound;
    low = static_cast<std::uint64_t>(product);
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double Uniform01(std::mt19937_64 & random) { return static_cast<double>(random() >> 11) * 0x1.0p-53; }

} // namespace serval
