#include "serval/Cache/MatchCaches.h"

#include "CopyPatches.h"
#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace serval
{
namespace
{

// The patches of one class in the order of their turn.
std::vector<std::size_t> Turns(const PatchCache & source, int classIndex, std::uint64_t seed)
{
  struct Ticket
  {
    std::uint64_t draw;
    std::size_t   patch;
  };
  std::map<std::string, std::vector<Ticket>> ofPatient;
  std::map<std::size_t, std::size_t>         seen; // of each case
  for (std::size_t at = 0; at < source.Patches().size(); ++at)
  {
    const auto &      patch = source.Patches()[at];
    const auto &      owner = source.Cases()[patch.caseIndex];
    const std::size_t number = seen[patch.caseIndex]++;
    if (patch.classIndex == classIndex)
      ofPatient[owner.patient].push_back({ DeriveSeed(seed, { "matched", owner.caseId, std::to_string(number) }), at });
  }
  std::vector<std::tuple<std::size_t, std::uint64_t, std::size_t>> turns; // the patient's how many-th, its draw, patch
  for (auto & [patient, tickets] : ofPatient)
  {
    std::sort(tickets.begin(), tickets.end(), [](const Ticket & a, const Ticket & b) { return std::tie(a.draw, a.patch) < std::tie(b.draw, b.patch); });
    const auto draw = DeriveSeed(seed, { "matched patient", patient });
    for (std::size_t rank = 0; rank < tickets.size(); ++rank)
      turns.emplace_back(rank, draw, tickets[rank].patch);
  }
  std::sort(turns.begin(), turns.end());
  std::vector<std::size_t> patches;
  for (const auto & [rank, draw, patch] : turns)
    patches.push_back(patch);
  return patches;
}

// The classes that a source gives: those with the most patches, in the source's order.
std::vector<int> ChooseClasses(const PatchCache & source, std::size_t wanted, const std::string & name)
{
  const auto & names = source.Description().classNames;
  Require(names.size() >= wanted, Fault::Input, name, " has ", names.size(), " classes; ", wanted, " are wanted of every source");
  std::vector<std::size_t> counts(names.size(), 0);
  for (const auto & patch : source.Patches())
    if (patch.classIndex >= 0)
      ++counts[static_cast<std::size_t>(patch.classIndex)];
  std::vector<int> classes(names.size());
  std::iota(classes.begin(), classes.end(), 0);
  std::stable_sort(classes.begin(), classes.end(),
                   [&](int a, int b) { return counts[static_cast<std::size_t>(a)] > counts[static_cast<std::size_t>(b)]; });
  classes.resize(wanted);
  std::sort(classes.begin(), classes.end());
  return classes;
}

void RequireAlike(const PatchCache & source, const std::string & name, const PatchCache & first, const std::string & firstName,
                  const MatchPlan & plan)
{
  const auto & a = first.Description();
  const auto & b = source.Description();
  Require(a.patch == b.patch && a.channels == b.channels, Fault::Input, name, " holds patches of ", ToText(b.patch), " voxels and ",
          b.channels, " channel(s), ", firstName, " of ", ToText(a.patch), " and ", a.channels, "; extract them alike");
  Require(a.classNames.empty() == b.classNames.empty(), Fault::Input, "of ", name, " and ", firstName, " only one has classes");
  Require(plan.classes > 0 || a.classNames.size() == b.classNames.size(), Fault::Input, name, " has ", b.classNames.size(), " classes, ",
          firstName, " ", a.classNames.size(), "; say how many are wanted of each (--classes)");
}

} // namespace

std::vector<MatchedPatches> MatchSources(const std::vector<const PatchCache *> & sources, const std::vector<std::string> & names,
                                         const MatchPlan & plan)
{
  Require(!sources.empty() && sources.size() == names.size(), Fault::Internal, "each source needs a name");
  const bool                  hasClasses = !sources.front()->Description().classNames.empty();
  const std::size_t           wanted = plan.classes > 0 ? plan.classes : sources.front()->Description().classNames.size();
  std::vector<MatchedPatches> all;
  for (std::size_t s = 0; s < sources.size(); ++s)
  {
    RequireAlike(*sources[s], names[s], *sources.front(), names.front(), plan);
    Require(hasClasses || plan.classes == 0, Fault::Input, names[s], " has no classes, of which ", plan.classes, " are wanted");
    MatchedPatches found;
    if (hasClasses)
      found.classes = ChooseClasses(*sources[s], wanted, names[s]);
    for (const int one : hasClasses ? found.classes : std::vector<int>{ -1 })
    {
      auto turns = Turns(*sources[s], one, plan.seed);
      Require(turns.size() >= plan.perClass, Fault::Input, names[s], " has ", turns.size(), " patches",
              one < 0 ? "" : " of class '" + sources[s]->Description().classNames[static_cast<std::size_t>(one)] + "'", "; ", plan.perClass,
              " are wanted of every source");
      found.patches.insert(found.patches.end(), turns.begin(), turns.begin() + static_cast<std::ptrdiff_t>(plan.perClass));
    }
    std::sort(found.patches.begin(), found.patches.end());
    all.push_back(std::move(found));
  }
  return all;
}

void WriteMatched(const PatchCache & source, const MatchedPatches & matched, const MatchPlan & plan, const std::string & provenance,
                  const std::filesystem::path & folder)
{
  auto             description = source.Description();
  std::vector<int> newClass(description.classNames.size(), -1);
  description.classNames.clear();
  for (const int old : matched.classes)
  {
    newClass[static_cast<std::size_t>(old)] = static_cast<int>(description.classNames.size());
    description.classNames.push_back(source.Description().classNames[static_cast<std::size_t>(old)]);
  }
  description.parameters =
    nlohmann::json{ { "matched", { { "source", source.Fingerprint() }, { "perClass", plan.perClass }, { "classes", description.classNames }, { "seed", plan.seed } } } }
      .dump();
  description.provenance = provenance;
  PatchCacheWriter writer(folder, description);
  for (std::span<const std::size_t> rest = matched.patches; !rest.empty();)
  {
    const auto one = OneCase(source, rest);
    const auto patches = CopyPatches(source, one, newClass);
    if (!writer.Look(patches).isUpToDate)
      writer.Add(patches);
    rest = rest.subspan(one.size());
  }
  writer.Commit();
}

} // namespace serval
