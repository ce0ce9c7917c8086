#include "serval/Cache/UniteCaches.h"

#include "CopyPatches.h"

#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Core/Error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace serval
{
namespace
{

using Sources = std::vector<const PatchCache *>;
using Names = std::vector<std::string>;

PixelType TypeOfAll(const PatchCache & source, const std::string & name)
{
  Require(!source.Patches().empty(), Fault::Input, name, " holds no patch");
  const auto type = source.TypeOf(0);
  for (std::size_t at = 1; at < source.Patches().size(); ++at)
    Require(source.TypeOf(at) == type, Fault::Input, name, " holds voxels of several types, ", ToText(type), " and ", ToText(source.TypeOf(at)), "; a union takes one");
  return type;
}

void RequireAlike(const Sources & sources, const Names & names)
{
  const auto & a = sources.front()->Description();
  const auto   type = TypeOfAll(*sources.front(), names.front());
  for (std::size_t s = 1; s < sources.size(); ++s)
  {
    const auto & b = sources[s]->Description();
    Require(a.patch == b.patch && a.channels == b.channels, Fault::Input, names[s], " holds patches of ", ToText(b.patch), " voxels and ", b.channels,
            " channel(s), ", names.front(), " of ", ToText(a.patch), " and ", a.channels, "; extract them alike");
    const auto other = TypeOfAll(*sources[s], names[s]);
    Require(other == type, Fault::Input, names[s], " holds voxels of type ", ToText(other), ", ", names.front(), " of type ", ToText(type), "; convert the images to one type");
  }
}

std::string PatientIn(const std::string & name, const CaseSource & source, bool samePatients) { return samePatients ? source.patient : name + "/" + source.patient; }

// Found before anything is written; the writer would stop half-way.
void RefuseOneImageOfTwoPatients(const Sources & sources, const Names & names, bool samePatients)
{
  std::map<std::string, std::pair<std::string, std::string>> patients; // by content: patient, source
  for (std::size_t s = 0; s < sources.size(); ++s)
    for (const auto & one : sources[s]->Cases())
    {
      const auto patient = PatientIn(names[s], one, samePatients);
      const auto at = patients.try_emplace(one.sourceFingerprint, patient, names[s]).first;
      Require(at->second.first == patient, Fault::Input, "case ", one.caseId, " of ", names[s], " has the voxels of a case of ", at->second.second,
              ", and they would be two patients; unite with --samePatients if ids mean the same in both, or leave it out of one");
    }
}

CacheDescription DescriptionOf(const Sources & sources, const Names & names, bool samePatients, const std::string & provenance)
{
  auto       d = sources.front()->Description();
  const auto alike = [&](auto member) { return std::all_of(sources.begin(), sources.end(), [&](const PatchCache * s) { return s->Description().*member == d.*member; }); };
  if (!alike(&CacheDescription::segmentationNames) || !alike(&CacheDescription::segmentationKind))
  {
    d.segmentationNames.clear();
    d.segmentationKind.clear();
  }
  d.sampler = alike(&CacheDescription::sampler) ? d.sampler : "several";
  d.classNames.clear();
  auto of = nlohmann::json::array(), histories = nlohmann::json::object();
  for (std::size_t s = 0; s < sources.size(); ++s)
  {
    const auto & one = sources[s]->Description();
    for (const auto & name : one.classNames)
      d.classNames.push_back(names[s] + "/" + name);
    of.push_back({ { "name", names[s] }, { "fingerprint", sources[s]->Fingerprint() } });
    histories[names[s]] = { { "parameters", one.parameters }, { "provenance", one.provenance } };
  }
  d.parameters = nlohmann::json{ { "union", { { "sources", of }, { "samePatients", samePatients } } } }.dump();
  auto history = nlohmann::json::parse(provenance);
  history["sources"] = histories;
  d.provenance = history.dump();
  return d;
}

void AddSource(PatchCacheWriter & writer, const PatchCache & source, const std::string & name, int firstClass, bool samePatients, bool hasSegmentation)
{
  std::vector<int> newClass(source.Description().classNames.size());
  std::iota(newClass.begin(), newClass.end(), firstClass);
  std::vector<std::size_t> all(source.Patches().size());
  std::iota(all.begin(), all.end(), std::size_t{ 0 });
  for (std::span<const std::size_t> rest = all; !rest.empty();)
  {
    const auto one = OneCase(source, rest);
    auto       patches = CopyPatches(source, one, newClass);
    patches.patient = PatientIn(name, patches, samePatients);
    patches.caseId = name + "/" + patches.caseId;
    if (!patches.className.empty())
      patches.className = name + "/" + patches.className;
    if (!hasSegmentation)
      patches.segmentation.clear();
    if (!writer.Look(patches).isUpToDate)
      writer.Add(patches);
    rest = rest.subspan(one.size());
  }
}

} // namespace

UnionResult WriteUnion(const std::vector<const PatchCache *> & sources, const std::vector<std::string> & names, bool samePatients,
                       const std::string & provenance, const std::filesystem::path & folder)
{
  Require(sources.size() >= 2 && sources.size() == names.size(), Fault::Usage, "a union needs two caches or more, each with a name");
  RequireAlike(sources, names);
  RefuseOneImageOfTwoPatients(sources, names, samePatients);
  const auto       description = DescriptionOf(sources, names, samePatients, provenance);
  PatchCacheWriter writer(folder, description);
  UnionResult      result;
  result.hasSegmentation = !description.segmentationNames.empty();
  int firstClass = 0;
  for (std::size_t s = 0; s < sources.size(); ++s)
  {
    AddSource(writer, *sources[s], names[s], firstClass, samePatients, result.hasSegmentation);
    firstClass += static_cast<int>(sources[s]->Description().classNames.size());
    result.patches += sources[s]->Patches().size();
    result.cases += sources[s]->Cases().size();
  }
  writer.Commit();
  return result;
}

} // namespace serval
