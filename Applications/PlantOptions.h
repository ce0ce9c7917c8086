#pragma once
// `serval cache plant`: the cache again with a mark in its patches, for the test of shortcuts.

#include "serval/Cache/PlantMark.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"

#include <filesystem>

namespace serval
{

struct PlantOptions
{
  std::filesystem::path folder;
  MarkPlan              plan;

  void Declare(app::Parameters & p)
  {
    p.Add("planted", &folder, "Cache to write, with a bright cube in the first corner of patches").Out("directory").Optional();
    p.Add("edge", &plan.edge, "Of the cube in voxels").Range(1, 10000);
    p.Add("ofClass", &plan.className, "Patches of this class alone get it; all when left out");
  }
  void Run(app::Context & context, const std::filesystem::path & cache) const
  {
    Require(!folder.empty(), Fault::Usage, "plant needs --planted CACHE");
    const PatchCache source(cache);
    context.provenance.inputs["cache"] = source.Fingerprint();
    const auto planted = WritePlanted(source, plan, context.provenance.ToJson(), folder);
    context.Say(Concat(planted, " of ", source.Patches().size(), " patches got a mark"));
  }
};

} // namespace serval
