#pragma once

#include "serval/CommandLine/Parameters.h"

namespace serval::app
{

/// Inputs exist and outputs can be written, as far as can be seen before the work; Fault::Input, Usage or Environment.
void CheckPaths(const Parameters & parameters);

} // namespace serval::app
