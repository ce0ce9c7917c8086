#pragma once
// The baseline of shuffled labels, of every command that learns classes.

#include "serval/Cache/PatchCache.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Dataset/ShuffledLabels.h"
#include "serval/Network/LabelMark.h"

#include <set>
#include <string>
#include <vector>

namespace serval
{

struct ShuffleOptions
{
  bool isWanted = false;

  void Declare(app::Parameters & p)
  {
    p.Group("Baseline");
    p.Add("shuffledLabels", &isWanted, "Deal the classes anew between the patients, by the seed, before anything is learned: what is left is chance. Model and predictions are marked");
  }

  /// Deals the classes where that is wanted, says so and marks the provenance.
  void Deal(const std::vector<std::string> & patients, std::vector<int> & classes, std::uint64_t seed, app::Context & context) const
  {
    if (!isWanted)
      return;
    auto shuffled = ShuffleLabels(patients, classes, seed);
    classes = std::move(shuffled.classes);
    const std::string how = shuffled.ofPatients ? "patients swapped their class" : "rows swapped classes, which are each row's own";
    MarkShuffledLabels(context.provenance);
    context.provenance.parameters["shuffle"] = Concat(how, "; ", shuffled.changed, " of ", classes.size(), " rows have another one");
    context.Say(Concat("baseline: labels are shuffled (", how, "; ", shuffled.changed, " of ", classes.size(), " rows have another one); the model is not for use"));
  }

  /// The same of the patches of these patients, in the open cache only.
  void Deal(PatchCache & cache, const std::vector<std::string> & patients, std::uint64_t seed, app::Context & context) const
  {
    if (!isWanted)
      return;
    std::vector<std::string> owners;
    std::vector<int>         dealt, all;
    const auto               taking = cache.PatchesOf(patients);
    for (const auto & patch : cache.Patches())
      all.push_back(patch.classIndex);
    for (const auto patch : taking)
    {
      owners.push_back(cache.Cases()[cache.Patches()[patch].caseIndex].patient);
      dealt.push_back(all[patch]);
    }
    Deal(owners, dealt, seed, context);
    for (std::size_t i = 0; i < taking.size(); ++i)
      all[taking[i]] = dealt[i];
    cache.Relabel(all);
  }
};

} // namespace serval
