#pragma once

#include "Device.h"
#include "serval/Network/GraphNetwork.h"

#include <string>

namespace serval
{

/// What decides the bits of a training run: everything of the request, the patches and the source; not the threads.
std::string RunKey(const PatchCache & cache, const TrainRequest & request, const ChosenDevice & chosen);

/// Torch's generator of the device, as hexadecimal digits.
std::string GeneratorState(const torch::Device & device);
/// Fault::Input when the text is no state.
void        SetGeneratorState(const torch::Device & device, const std::string & state);

} // namespace serval
