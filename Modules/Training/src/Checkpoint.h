#pragma once

#include "Device.h"
#include "serval/Network/GraphNetwork.h"

#include <torch/optim/adamw.h>

#include <string>

namespace serval
{

/// What decides the bits of a training run: everything of the request, the patches and the source; not the threads.
std::string RunKey(const PatchCache & cache, const TrainRequest & request, const ChosenDevice & chosen);

/// State of AdamW by parameter, as arrays PARAMETER.first and PARAMETER.second and metadata `step.PARAMETER`.
void SaveOptimiser(torch::optim::AdamW & optimiser, const GraphNetwork & net, TensorFile & file);
void RestoreOptimiser(torch::optim::AdamW & optimiser, const GraphNetwork & net, const TensorFile & file);

/// Torch's generator of the device, as hexadecimal digits.
std::string GeneratorState(const torch::Device & device);
/// Fault::Input when the text is no state.
void        SetGeneratorState(const torch::Device & device, const std::string & state);

} // namespace serval
