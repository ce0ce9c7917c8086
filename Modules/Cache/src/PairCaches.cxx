#include "serval/Cache/PairCaches.h"

#include "JoinVoxels.h"
#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace serval
{
namespace
{

using Indices = std::vector<std::size_t>;

/// One patient's patches and cases at the two time points.
struct PatientPatches
{
  std::string                                      patient;
  std::array<std::map<std::string, Indices>, 2>    patches; ///< by candidate; under no name where there are none
  std::array<Indices, 2>                           cases;
  std::vector<std::pair<std::size_t, std::size_t>> pairs = {}; ///< in the order of the first time point's patches
};

int TimeOf(const CaseSource & one, const PairPlan & plan) { return one.timePoint == plan.first ? 0 : one.timePoint == plan.second ? 1 : -1; }

void RequireTimePoints(const PatchCache & source, const PairPlan & plan)
{
  Require(!plan.first.empty() && !plan.second.empty() && plan.first != plan.second, Fault::Usage, "a pair needs two different time points");
  std::set<std::string> known;
  for (const auto & one : source.Cases())
    if (!one.timePoint.empty())
      known.insert(one.timePoint);
  Require(!known.empty(), Fault::Input, "no case of the cache has a time point; give the manifest a column time_point and extract again");
  for (const auto & wanted : { plan.first, plan.second })
    Require(known.contains(wanted), Fault::Input, "no case of the cache is of time point '", wanted, "'; it has ", Join({ known.begin(), known.end() }, ", "));
}

std::vector<PatientPatches> ByPatient(const PatchCache & source, const PairPlan & plan)
{
  std::vector<PatientPatches>        all;
  std::map<std::string, std::size_t> places;
  const auto                         of = [&](const std::string & patient) -> PatientPatches & {
    const auto [at, fresh] = places.try_emplace(patient, all.size());
    if (fresh)
      all.push_back({ patient, {}, {} });
    return all[at->second];
  };
  for (std::size_t i = 0; i < source.Cases().size(); ++i)
  {
    auto & patient = of(source.Cases()[i].patient);
    if (const int time = TimeOf(source.Cases()[i], plan); time >= 0)
      patient.cases[std::size_t(time)].push_back(i);
  }
  for (std::size_t i = 0; i < source.Patches().size(); ++i)
  {
    const auto & patch = source.Patches()[i];
    const auto & owner = source.Cases()[patch.caseIndex];
    if (const int time = TimeOf(owner, plan); time >= 0)
      of(owner.patient).patches[std::size_t(time)][patch.candidate].push_back(i);
  }
  return all;
}

bool IsPaired(const PatientPatches & one)
{
  const auto & [first, second] = one.patches;
  return !first.empty() && std::ranges::equal(first, second, [](const auto & a, const auto & b) { return a.first == b.first && a.second.size() == b.second.size(); });
}

void RefuseUnpaired(const std::vector<PatientPatches> & all, const PairPlan & plan)
{
  const auto count = [&](auto is) { return std::count_if(all.begin(), all.end(), is); };
  const auto noFirst = count([](const PatientPatches & p) { return p.patches[0].empty(); }), noSecond = count([](const PatientPatches & p) { return p.patches[1].empty(); });
  const auto unlike = count([](const PatientPatches & p) { return !p.patches[0].empty() && !p.patches[1].empty() && !IsPaired(p); });
  Require(noFirst + noSecond + unlike == 0, Fault::Input, "of ", all.size(), " patients ", noFirst, " have no patch of '", plan.first, "', ", noSecond, " none of '", plan.second, "', and ", unlike,
          " have other candidates or another number of patches at one than at the other. Complete the time points and extract again, or leave such patients out (--skipUnpaired)");
}

void AddPairs(PatientPatches & one)
{
  for (const auto & [candidate, first] : one.patches[0])
    for (std::size_t i = 0; i < first.size(); ++i)
      one.pairs.emplace_back(first[i], one.patches[1].at(candidate)[i]);
  std::sort(one.pairs.begin(), one.pairs.end());
}

void RefuseTwoClasses(const PatchCache & source, const std::vector<PatientPatches> & all, const PairPlan & plan)
{
  std::size_t pairs = 0, patients = 0;
  for (const auto & one : all)
  {
    const auto unlike = std::count_if(one.pairs.begin(), one.pairs.end(), [&](const auto & pair) { return source.Patches()[pair.first].classIndex != source.Patches()[pair.second].classIndex; });
    pairs += std::size_t(unlike);
    patients += unlike > 0;
  }
  Require(pairs == 0, Fault::Input, pairs, " pairs of ", patients, " patients have another class at '", plan.first, "' than at '", plan.second,
          "'; a pair has one. Give both cases of a patient one class in the manifest, or pair lesions by candidates of one id, and extract again");
}

/// Of volumes that are equally large parts of one patch.
IntensitySummary Together(const std::vector<IntensitySummary> & parts)
{
  auto   all = parts.front();
  double mean = 0, square = 0;
  for (const auto & one : parts)
  {
    mean += one.mean / double(parts.size());
    square += (one.standardDeviation * one.standardDeviation + one.mean * one.mean) / double(parts.size());
    all.low = std::min(all.low, one.low);
    all.high = std::max(all.high, one.high);
  }
  if (parts.size() > 1)
    all.mean = mean, all.standardDeviation = std::sqrt(std::max(0.0, square - mean * mean));
  return all;
}

std::vector<IntensitySummary> IntensitiesOf(const PatchCache & source, const Indices & cases)
{
  std::vector<IntensitySummary> all;
  for (std::size_t channel = 0; channel < std::size_t(source.Description().channels); ++channel)
  {
    std::vector<IntensitySummary> parts;
    for (const auto at : cases)
      parts.push_back(source.Cases()[at].intensity[channel]);
    all.push_back(Together(parts));
  }
  return all;
}

/// Side by side, the narrower half would look flat beside the other.
bool HasUnlikeScales(const PatchCache & source, const PatientPatches & one)
{
  const auto first = IntensitiesOf(source, one.cases[0]), second = IntensitiesOf(source, one.cases[1]);
  return !std::ranges::equal(first, second, [](const IntensitySummary & a, const IntensitySummary & b) {
    return a.standardDeviation <= 3 * b.standardDeviation && b.standardDeviation <= 3 * a.standardDeviation;
  });
}

/// One hash of what the cases of both time points come from; empty where none has it.
std::string FingerprintOf(const PatchCache & source, const PatientPatches & one, std::string CaseSource::*member)
{
  bool isKnown = false;
  auto parts = nlohmann::json::array();
  for (const auto & cases : one.cases)
  {
    parts.push_back(nlohmann::json::array());
    for (const auto at : cases)
    {
      parts.back().push_back(source.Cases()[at].*member);
      isKnown |= !(source.Cases()[at].*member).empty();
    }
  }
  const auto text = parts.dump();
  return isKnown ? ContentHash(std::as_bytes(std::span(text))) : std::string();
}

/// What the case of a pair is; words that differ between its cases are left out.
CasePatches CaseOf(const PatchCache & source, const PatientPatches & one, const PairPlan & plan)
{
  CasePatches  pair;
  const auto & first = source.Cases()[one.cases[0].front()];
  static_cast<CaseFacts &>(pair) = first;
  pair.caseId = pair.patient = one.patient;
  pair.timePoint = plan.first + "+" + plan.second;
  pair.className = first.className;
  for (const auto & cases : one.cases)
    for (const auto at : cases)
    {
      const auto & other = source.Cases()[at];
      pair.className = other.className == pair.className ? pair.className : "";
      pair.modality = other.modality == pair.modality ? pair.modality : "";
    }
  pair.sourceFingerprint = FingerprintOf(source, one, &CaseSource::sourceFingerprint);
  pair.labelFingerprint = FingerprintOf(source, one, &CaseSource::labelFingerprint);
  auto cases = one.cases[0];
  if (plan.as == Pairing::SideBySide)
    cases.insert(cases.end(), one.cases[1].begin(), one.cases[1].end());
  pair.intensity = IntensitiesOf(source, cases);
  if (plan.as == Pairing::Channels)
    std::ranges::copy(IntensitiesOf(source, one.cases[1]), std::back_inserter(pair.intensity));
  return pair;
}

std::vector<std::byte> SegmentationOf(const PatchCache & source, std::size_t patch)
{
  std::vector<std::uint8_t> labels(std::size_t(source.Description().patch.Voxels()));
  const Indices             one{ patch };
  source.ReadSegmentations(one, labels);
  const auto bytes = std::as_bytes(std::span(labels));
  return { bytes.begin(), bytes.end() };
}

void AddSegmentation(CasePatches & pair, const PatchCache & source, std::size_t first, std::size_t second, Pairing as)
{
  auto labels = SegmentationOf(source, first);
  if (as == Pairing::SideBySide)
    labels = JoinRows(labels, SegmentationOf(source, second), std::size_t(source.Description().patch.x));
  std::ranges::transform(labels, std::back_inserter(pair.segmentation), [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
}

CasePatches PairedCase(const PatchCache & source, const PatientPatches & one, const PairPlan & plan)
{
  auto pair = CaseOf(source, one, plan);
  pair.type = source.TypeOf(one.pairs.front().first);
  for (const auto & [first, second] : one.pairs)
    pair.type = JointType(pair.type, JointType(source.TypeOf(first), source.TypeOf(second)));
  const auto voxels = [&](std::size_t at) { return ConvertVoxels(source.ReadRaw(at), source.TypeOf(at), pair.type); };
  const bool hasCandidates = std::ranges::any_of(one.pairs, [&](const auto & p) { return !source.Patches()[p.first].candidate.empty(); });
  for (const auto & [first, second] : one.pairs)
  {
    const auto & patch = source.Patches()[first];
    const auto   left = voxels(first);
    const auto   row = plan.as == Pairing::SideBySide ? std::size_t(source.Description().patch.x) * SizeOf(pair.type) : left.size();
    const auto   joined = JoinRows(left, voxels(second), row);
    pair.image.insert(pair.image.end(), joined.begin(), joined.end());
    pair.classes.push_back(patch.classIndex);
    pair.corners.push_back(patch.corner);
    pair.geometries.push_back(patch.geometry);
    if (plan.as == Pairing::SideBySide)
      pair.geometries.back().extent.x *= 2;
    if (hasCandidates)
      pair.candidates.push_back(patch.candidate);
    if (source.HasSegmentation())
      AddSegmentation(pair, source, first, second, plan.as);
  }
  return pair;
}

CacheDescription DescriptionOf(const PatchCache & source, const PairPlan & plan, const std::string & provenance)
{
  auto       d = source.Description();
  const bool isWide = plan.as == Pairing::SideBySide;
  d.patch.x *= isWide ? 2 : 1;
  d.channels *= isWide ? 1 : 2;
  auto history = nlohmann::json::parse(provenance);
  history["source"] = { { "parameters", d.parameters }, { "provenance", d.provenance } };
  d.parameters =
    nlohmann::json{ { "paired", { { "source", source.Fingerprint() }, { "times", { plan.first, plan.second } }, { "as", ToText(plan.as) }, { "skipUnpaired", plan.skipUnpaired } } } }.dump();
  d.provenance = history.dump();
  return d;
}

} // namespace

std::string ToText(Pairing pairing) { return pairing == Pairing::SideBySide ? "side-by-side" : "channels"; }

Pairing PairingFrom(const std::string & text)
{
  for (const auto known : { Pairing::SideBySide, Pairing::Channels })
    if (text == ToText(known))
      return known;
  Fail(Fault::Usage, "patches are paired side-by-side or as channels; '", text, "' is neither");
}

PairResult WritePaired(const PatchCache & source, const PairPlan & plan, const std::string & provenance, const std::filesystem::path & folder)
{
  RequireTimePoints(source, plan);
  auto       all = ByPatient(source, plan);
  PairResult result;
  if (plan.skipUnpaired)
    result.skipped = std::erase_if(all, [](const PatientPatches & one) { return !IsPaired(one); });
  RefuseUnpaired(all, plan);
  Require(!all.empty(), Fault::Input, "none of ", result.skipped, " patients has the same patches at '", plan.first, "' and '", plan.second, "'; the cache would be empty");
  std::ranges::for_each(all, AddPairs);
  RefuseTwoClasses(source, all, plan);
  result.otherCases = std::size_t(std::ranges::count_if(source.Cases(), [&](const CaseSource & one) { return TimeOf(one, plan) < 0; }));
  PatchCacheWriter writer(folder, DescriptionOf(source, plan, provenance));
  for (const auto & one : all)
  {
    const auto pair = PairedCase(source, one, plan);
    if (!writer.Look(pair).isUpToDate)
      writer.Add(pair);
    result.patches += one.pairs.size();
    ++result.patients;
    result.unlikeScales += HasUnlikeScales(source, one);
  }
  writer.Commit();
  return result;
}

} // namespace serval
