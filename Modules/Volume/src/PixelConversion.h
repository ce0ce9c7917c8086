#pragma once

#include "serval/Volume/Volume.h"

#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>

namespace serval
{

template <typename TTo, typename TFrom>
std::vector<TTo> Converted(const std::vector<TFrom> & values)
{
  std::vector<TTo> result(values.size());
  std::transform(values.begin(), values.end(), result.begin(), [](TFrom v) { return static_cast<TTo>(v); });
  return result;
}

template <typename T>
inline constexpr bool isKeptType = std::is_same_v<T, std::uint8_t> || std::is_same_v<T, std::int16_t> ||
                                   std::is_same_v<T, std::uint16_t> || std::is_same_v<T, float>;

/// Kept types as they are; other whole numbers as int16 or uint16 where all of them fit, else as float; double as float.
template <typename T>
Voxels Narrowed(std::vector<T> && values)
{
  if constexpr (isKeptType<T>)
    return std::move(values);
  else if constexpr (std::is_integral_v<T>)
  {
    if (values.empty())
      return std::vector<std::int16_t>{};
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    if (std::in_range<std::int16_t>(*low) && std::in_range<std::int16_t>(*high))
      return Converted<std::int16_t>(values);
    if (std::in_range<std::uint16_t>(*low) && std::in_range<std::uint16_t>(*high))
      return Converted<std::uint16_t>(values);
    return Converted<float>(values);
  }
  else
    return Converted<float>(values);
}

} // namespace serval
