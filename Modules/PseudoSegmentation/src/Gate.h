#pragma once

#include "serval/PseudoSegmentation/PseudoSegmentation.h"

namespace serval
{

/// Sets verdict and reason from the numbers of one label map.
void Judge(PseudoSummary & summary, const GateLimits & limits);

} // namespace serval
