#include "PlanWork.h"

#include "serval/Dataset/Lineage.h"

#include <algorithm>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

/// Patients of whom a case of either time point is missing.
std::vector<std::string> Unpaired(const StudyTarget & target, const std::vector<Case> & cases)
{
  std::map<std::string, std::set<std::string>> times;
  for (const auto & one : cases)
    times[one.patient].insert(one.timePoint);
  std::vector<std::string> all;
  for (const auto & [patient, seen] : times)
    if (!seen.contains(target.pair[0]) || !seen.contains(target.pair[1]))
      all.push_back(patient);
  return all;
}

std::vector<std::string> OfTwoClasses(const std::vector<Case> & cases)
{
  std::map<std::string, std::set<std::string>> classes;
  for (const auto & one : cases)
    classes[one.patient].insert(one.className);
  std::vector<std::string> all;
  for (const auto & [patient, names] : classes)
    if (names.size() > 1)
      all.push_back(patient);
  return all;
}

} // namespace

std::string Pseudonyms(const PlanWork & work, const std::vector<std::string> & patients)
{
  std::vector<std::string> shown;
  if (patients.empty())
    return {};
  fs::create_directories(work.key.parent_path());
  const auto key = SiteKey::OpenOrCreate(work.key);
  for (std::size_t i = 0; i < std::min<std::size_t>(5, patients.size()); ++i)
    shown.push_back(key.PseudonymOf(patients[i]).substr(0, 12));
  return Join(shown, ", ") + (patients.size() > 5 ? ", ..." : "");
}

std::vector<Case> CasesOfPairs(const PlanWork & work, const StudyTarget & target, std::vector<Case> cases)
{
  if (target.pair.empty())
    return cases;
  const auto unpaired = Unpaired(target, cases);
  Require(unpaired.empty(), Fault::Input, "target '", target.name, "': pair joins '", target.pair[0], "' and '", target.pair[1], "'; ", unpaired.size(),
          " patient(s) lack a case of one of them in column time_point (", Pseudonyms(work, unpaired), "). Add the cases, or leave these patients out of the manifest");
  std::erase_if(cases, [&](const Case & one) { return one.timePoint != target.pair[0] && one.timePoint != target.pair[1]; });
  if (target.TakesClassOfCase(work.study))
  {
    const auto unlike = OfTwoClasses(cases);
    Require(unlike.empty(), Fault::Input, "target '", target.name, "': ", unlike.size(), " patient(s) have another class at '", target.pair[0], "' than at '", target.pair[1], "' (",
            Pseudonyms(work, unlike), "); a pair has one. Give both cases the class that is to be told");
  }
  return cases;
}

fs::path UnpairedCache(const StudyTarget & target, const fs::path & cache)
{
  return target.pair.empty() ? cache : cache.parent_path() / (cache.stem().string() + "-single.cache");
}

std::vector<std::string> AddPairing(PlanWork & work, const TargetWork & target, const std::string & name, const fs::path & cache, const std::string & extraction)
{
  const auto & one = target.target;
  if (one.pair.empty())
    return { extraction };
  const auto id = target.prefix + "pair-" + name;
  work.Add({ id,
             { { work.Module("ServalManageCache"), "pair", UnpairedCache(one, cache).string(), "--times", Join(one.pair, ","), "--pairedAs", one.pairedAs, "--paired", cache.string() } },
             { extraction },
             { cache } });
  return { id };
}

} // namespace serval
