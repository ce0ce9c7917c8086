#pragma once
// `serval cache union`: several caches become one.

#include "SourceCaches.h"
#include "serval/Cache/UniteCaches.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <vector>

namespace serval
{

struct UnionOptions
{
  std::filesystem::path united;
  bool                  samePatients = false;

  void Declare(app::Parameters & p)
  {
    p.Add("united", &united, "Patch cache to write, with classes, cases and patients NAME/... of each source NAME.cache").Out("directory").Optional();
    p.Add("samePatients", &samePatients, "Equal patients of several sources are one person; else they are kept apart");
  }

  void Run(app::Context & context, const std::filesystem::path & cache, const std::vector<std::filesystem::path> & others) const
  {
    Require(!others.empty() && !united.empty(), Fault::Usage, "union needs --others and --united");
    const SourceCaches sources(context, cache, Listed(others));
    const auto         found = WriteUnion(sources.Pointers(), sources.names, samePatients, context.provenance.ToJson(), united);
    const PatchCache   written(united);
    context.Say(Concat(Counted(found.patches, "patch"), " of ", Counted(found.cases, "case"), " and ", Counted(written.Patients().size(), "patient"), " of ", sources.names.size(), " sources, ",
                       written.Description().classNames.size(), " classes"));
    const bool hadSegmentation = std::any_of(sources.opened.begin(), sources.opened.end(), [](const PatchCache & one) { return one.HasSegmentation(); });
    if (hadSegmentation && !found.hasSegmentation)
      context.Say("the segmentations are left out, as the sources name other labels");
    context.WriteNumbers(nlohmann::json{ { "schema", "serval-union/1" }, { "patches", found.patches }, { "cases", found.cases },
                                         { "classes", written.Description().classNames }, { "fingerprint", written.Fingerprint() } }.dump());
  }

private:
  // Lists with commas are taken as well as the option repeated.
  static std::vector<std::filesystem::path> Listed(const std::vector<std::filesystem::path> & given)
  {
    std::vector<std::filesystem::path> all;
    for (const auto & path : given)
      if (std::filesystem::exists(path))
        all.push_back(path);
      else
        for (const auto & one : Split(path.string(), ','))
          all.emplace_back(one);
    return all;
  }
};

} // namespace serval
