#pragma once
// `serval cache match`: equally many patches of each class from several sources.

#include "SourceCaches.h"
#include "serval/Cache/MatchCaches.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

struct MatchOptions
{
  std::vector<std::filesystem::path> others;
  std::vector<int>                   perClass;
  int                                classes = 0;
  std::filesystem::path              folder;

  void Declare(app::Parameters & p)
  {
    p.Add("others", &others, "The other sources, caches of equal patch size").In("directory").Optional();
    p.Add("perClass", &perClass, "Patches of each class (of each source, where none has classes); several numbers are nested")
      .Range(1, 100000000);
    p.Add("classes", &classes, "Classes of each source, those with the most patches; 0: all sources have equally many").Range(0, 65536);
    p.Add("matched", &folder, "Folder for the matched caches, NAME-NUMBER.cache").Out("directory").Optional();
  }

  /// Every source is found able to supply the largest number before anything is written.
  void Run(app::Context & context, const std::filesystem::path & cache, std::uint64_t seed) const
  {
    Require(!perClass.empty() && !folder.empty(), Fault::Usage, "match needs --perClass and --matched");
    const SourceCaches opened(context, cache, others);
    const auto         sources = opened.Pointers();
    const auto &       names = opened.names;
    const auto planOf = [&](int number) { return MatchPlan{ std::size_t(number), std::size_t(classes), seed }; };
    MatchSources(sources, names, planOf(*std::max_element(perClass.begin(), perClass.end())));
    std::filesystem::create_directories(folder);
    for (const int number : perClass)
    {
      const auto found = MatchSources(sources, names, planOf(number));
      for (std::size_t s = 0; s < sources.size(); ++s)
      {
        const auto name = Concat(names[s], "-", number, ".cache");
        WriteMatched(*sources[s], found[s], planOf(number), context.provenance.ToJson(), folder / name);
        context.Say(Concat(name, ": ", found[s].patches.size(), " patches",
                           found[s].classes.empty() ? "" : Concat(" of ", found[s].classes.size(), " classes")));
      }
    }
  }
};

} // namespace serval
