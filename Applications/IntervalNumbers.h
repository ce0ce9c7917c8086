#pragma once

#include "serval/Evaluation/Intervals.h"

#include <nlohmann/json.hpp>

namespace serval
{

inline nlohmann::json ToJsonObject(const Interval & interval) { return { { "value", interval.value }, { "low", interval.low }, { "high", interval.high } }; }

} // namespace serval
