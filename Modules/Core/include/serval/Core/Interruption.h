#pragma once

#include <functional>

namespace serval
{

/// What InstallInterruptCleanup's thread does last, with the signal, before the process dies of it.
void SetFarewell(std::function<void(int)> farewell);

} // namespace serval
