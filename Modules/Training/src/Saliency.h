#pragma once

#include "Tasks.h"
#include "serval/Core/Progress.h"
#include "serval/Training/Saliency.h"

namespace serval
{

std::vector<SaliencyMap> MapSaliency(const PatchCache & cache, const std::vector<std::size_t> & patches, const ModelFile & model,
                                     const SaliencyRequest & request, const Computing & computing, Progress & progress);

} // namespace serval
