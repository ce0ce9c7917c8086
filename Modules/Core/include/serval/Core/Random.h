#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

namespace serval
{

/// A seed for one named use, from the user's seed: the same words give the same seed on every machine.
std::uint64_t DeriveSeed(std::uint64_t seed, std::initializer_list<std::string_view> words);

/// Uniform integer in [0, bound), the same on every standard library (Lemire 2019, without modulo bias).
std::uint64_t UniformBelow(std::uint64_t bound, std::mt19937_64 & random);

/// Uniform number in [0, 1) with 53 random bits.
double Uniform01(std::mt19937_64 & random);

/// Fisher-Yates, the same on every standard library.
template <typename T>
void Shuffle(std::vector<T> & items, std::mt19937_64 & random)
{
  for (std::size_t last = items.size(); last > 1; --last)
    std::swap(items[last - 1], items[UniformBelow(last, random)]);
}

} // namespace serval
