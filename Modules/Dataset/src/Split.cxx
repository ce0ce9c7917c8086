#include "serval/Dataset/Split.h"

#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace serval
{
namespace
{

// Patients of each stratum in an order that depends on nothing but seed and name.
std::map<std::string, std::vector<std::string>> ShuffledStrata(const std::vector<Case> & cases, const SplitPlan & plan)
{
  std::map<std::string, std::vector<std::string>> strata;
  for (const auto & [patient, stratum] : ClassesOfPatients(cases))
    strata[plan.stratified ? stratum : ""].push_back(patient);
  for (auto & [name, patients] : strata)
    std::sort(patients.begin(), patients.end(), [&](const std::string & a, const std::string & b) {
      const auto rank = [&](const std::string & p) { return std::pair(DeriveSeed(plan.seed, { "split", p }), p); };
      return rank(a) < rank(b);
    });
  return strata;
}

// Test patients of each stratum: proportional, the remainder to the largest fractions (Hare's quota).
std::map<std::string, std::size_t> TestQuotas(const std::map<std::string, std::vector<std::string>> & strata,
                                              std::size_t total, std::size_t test)
{
  std::map<std::string, std::size_t>          quotas;
  std::vector<std::pair<double, std::string>> remainders;
  std::size_t                                 given = 0;
  for (const auto & [name, patients] : strata)
  {
    const double share = double(test) * double(patients.size()) / double(total);
    quotas[name] = static_cast<std::size_t>(share);
    given += quotas[name];
    remainders.emplace_back(std::floor(share) - share, name);
  }
  std::sort(remainders.begin(), remainders.end());
  for (std::size_t i = 0; given < test; ++i, ++given)
    ++quotas[remainders[i].second];
  return quotas;
}

} // namespace

std::map<std::string, std::string> ClassesOfPatients(const std::vector<Case> & cases)
{
  std::map<std::string, std::set<std::string>> classes;
  for (const auto & one : cases)
    classes[one.patient].insert(one.className);
  std::map<std::string, std::string> joined;
  for (const auto & [patient, names] : classes)
    joined[patient] = Join({ names.begin(), names.end() }, "+");
  return joined;
}

std::vector<std::string> AssignSplit(const std::vector<Case> & cases, const SplitPlan & plan)
{
  const auto                         strata = ShuffledStrata(cases, plan);
  std::map<std::string, std::string> splitOf;
  std::size_t                        total = 0;
  for (const auto & [name, patients] : strata)
    total += patients.size();
  if (plan.folds > 0)
  {
    Require(plan.folds >= 2 && static_cast<std::size_t>(plan.folds) <= total, Fault::Input, plan.folds,
            " folds asked for ", total, " patients; 2 to the number of patients are possible");
    std::size_t next = 0;
    for (const auto & [name, patients] : strata)
      for (const auto & patient : patients)
        splitOf[patient] = Concat("fold", next++ % static_cast<std::size_t>(plan.folds));
  }
  else
  {
    const auto test = plan.testPatients > 0 ? static_cast<std::size_t>(plan.testPatients)
                                            : static_cast<std::size_t>(std::lround(plan.testFraction * double(total)));
    Require(test >= 1 && test < total, Fault::Input, test, " test patients asked of ", total,
            "; at least one must be left on either side");
    const auto quotas = TestQuotas(strata, total, test);
    for (const auto & [name, patients] : strata)
      for (std::size_t i = 0; i < patients.size(); ++i)
        splitOf[patients[i]] = i < quotas.at(name) ? "test" : "train";
  }
  std::vector<std::string> splits;
  for (const auto & one : cases)
    splits.push_back(splitOf.at(one.patient));
  return splits;
}

std::map<std::string, std::map<std::string, int>> CountPatients(const std::vector<Case> &        cases,
                                                                const std::vector<std::string> & splits)
{
  std::map<std::string, std::map<std::string, int>> counts;
  std::set<std::string>                             seen;
  const auto                                        strata = ClassesOfPatients(cases);
  for (std::size_t i = 0; i < cases.size(); ++i)
    if (seen.insert(cases[i].patient).second)
      ++counts[strata.at(cases[i].patient)][splits[i]];
  return counts;
}

} // namespace serval
