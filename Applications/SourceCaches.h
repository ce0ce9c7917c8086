#pragma once
// Several caches as sources of `serval cache match` and `serval cache union`, each under its folder's name.

#include "serval/Cache/PatchCache.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

struct SourceCaches
{
  std::vector<PatchCache>  opened;
  std::vector<std::string> names;

  /// Their fingerprints go into the provenance. Fault::Usage when two have one name.
  SourceCaches(app::Context & context, const std::filesystem::path & first, const std::vector<std::filesystem::path> & others)
  {
    auto paths = others;
    paths.insert(paths.begin(), first);
    for (const auto & path : paths)
    {
      opened.emplace_back(path);
      names.push_back(std::filesystem::absolute(path / ".").lexically_normal().parent_path().stem().string());
      Require(std::count(names.begin(), names.end(), names.back()) == 1, Fault::Usage, "two sources have the name ", names.back());
      context.provenance.inputs[names.back()] = opened.back().Fingerprint();
    }
  }

  std::vector<const PatchCache *> Pointers() const
  {
    std::vector<const PatchCache *> all;
    std::transform(opened.begin(), opened.end(), std::back_inserter(all), [](const PatchCache & one) { return &one; });
    return all;
  }
};

} // namespace serval
