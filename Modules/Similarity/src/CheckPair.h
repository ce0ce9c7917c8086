#pragma once

#include "serval/Similarity/DataDistance.h"

namespace serval::similarity
{

/// Fault::Input when the two cannot be compared.
void CheckPair(const FeatureSample & a, const FeatureSample & b);

} // namespace serval::similarity
