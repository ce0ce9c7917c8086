#pragma once

#include "serval/Cache/PatchCache.h"

#include <cstddef>
#include <span>
#include <vector>

namespace serval
{

/// The patches `chosen` of one case with all that belongs to them, with `newClass` of each old class; empty: as they are.
CasePatches CopyPatches(const PatchCache & source, std::span<const std::size_t> chosen, const std::vector<int> & newClass = {});

/// Of the patches from `first` on, those of the same case.
std::span<const std::size_t> OneCase(const PatchCache & source, std::span<const std::size_t> patches);

} // namespace serval
