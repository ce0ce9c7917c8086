#pragma once

#include "serval/Cache/PatchCache.h"

#include <cstddef>
#include <span>

namespace serval::cache
{

/// Patches of one case as they are, with all that belongs to them.
CasePatches CopyCase(const PatchCache & source, std::span<const std::size_t> patches);

} // namespace serval::cache
