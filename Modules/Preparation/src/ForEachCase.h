#pragma once

#include "serval/Core/Progress.h"

#include <cstddef>
#include <functional>

namespace serval
{

/// act(0) ... act(cases - 1), `threads` at once (0: all cores), with progress from the calling thread. When one fails, the
/// others end what they are at, and the error of the lowest number is thrown. ITK's filters then run in one thread each, so
/// that no result depends on the number of threads.
void ForEachCase(std::size_t cases, int threads, const std::function<void(std::size_t)> & act, Progress & progress);

} // namespace serval
