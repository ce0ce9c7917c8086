#pragma once

#include <cstddef>
#include <functional>

namespace serval
{

/// Runs `work` for 0 <= i < count on two threads; the first exception is thrown on.
void RunParallel(std::size_t count, const std::function<void(std::size_t)> & work);

} // namespace serval
