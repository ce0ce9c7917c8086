#include "serval/Dataset/Resampling.h"

#include "serval/Core/Error.h"
#include "serval/Core/Random.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Split.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

namespace serval
{
namespace
{

using Kind = ResamplingPlan::Kind;

constexpr std::array<std::pair<Kind, const char *>, 5> kindNames{ { { Kind::HoldOut, "hold-out" },
                                                                    { Kind::KFold, "k-fold" },
                                                                    { Kind::FiveByTwo, "5x2" },
                                                                    { Kind::LeaveOnePatientOut, "leave-one-patient-out" },
                                                                    { Kind::MonteCarlo, "monte-carlo" } } };

// The split of each patient.
std::map<std::string, std::string> SplitsOfPatients(const std::vector<Case> & cases, const SplitPlan & plan)
{
  const auto                         splits = AssignSplit(cases, plan);
  std::map<std::string, std::string> ofPatient;
  for (std::size_t i = 0; i < cases.size(); ++i)
    ofPatient[cases[i].patient] = splits[i];
  return ofPatient;
}

SplitPlan SplitOf(const ResamplingPlan & plan, std::size_t patients, int repeat)
{
  SplitPlan split;
  split.stratified = plan.stratified;
  split.folds = plan.kind == Kind::HoldOut || plan.kind == Kind::MonteCarlo ? 0 : plan.Folds(patients);
  split.testPatients = plan.testPatients;
  split.testFraction = plan.testFraction;
  split.seed = plan.kind == Kind::HoldOut || plan.sameFolds || repeat == 0 ? plan.seed : DeriveSeed(plan.seed, { "repeat", std::to_string(repeat) });
  return split;
}

std::vector<std::string> With(const std::map<std::string, std::string> & splits, const std::string & split, bool isIn)
{
  std::vector<std::string> patients;
  for (const auto & [patient, its] : splits)
    if ((its == split) == isIn)
      patients.push_back(patient);
  return patients;
}

} // namespace

int ResamplingPlan::Folds(std::size_t patients) const
{
  return kind == Kind::KFold ? folds : kind == Kind::FiveByTwo ? 2 : kind == Kind::LeaveOnePatientOut ? static_cast<int>(patients) : 1;
}

ResamplingPlan::Kind ResamplingKindFrom(const std::string & text)
{
  for (const auto & [kind, name] : kindNames)
    if (text == name)
      return kind;
  Fail(Fault::Usage, "the resampling '", text, "' is unknown; known are ", Join(ResamplingKinds(), ", "));
}

std::string ToText(ResamplingPlan::Kind kind)
{
  return std::find_if(kindNames.begin(), kindNames.end(), [&](const auto & entry) { return entry.first == kind; })->second;
}

std::vector<std::string> ResamplingKinds()
{
  std::vector<std::string> names;
  for (const auto & entry : kindNames)
    names.emplace_back(entry.second);
  return names;
}

std::vector<std::string> TrainingOrder(const std::vector<Case> & cases, const std::vector<std::string> & patients, ResamplingPlan::Draw draw,
                                       std::uint64_t seed)
{
  const auto                                      classOf = ClassesOfPatients(cases);
  std::map<std::string, std::vector<std::string>> strata;
  for (const auto & patient : std::set<std::string>(patients.begin(), patients.end()))
    strata[classOf.at(patient)].push_back(patient);
  std::vector<std::tuple<double, std::string, std::string>> turns;
  for (auto & [name, members] : strata)
  {
    std::mt19937_64 random(DeriveSeed(seed, { "training order", name }));
    Shuffle(members, random);
    for (std::size_t i = 0; i < members.size(); ++i)
      turns.emplace_back(i == 0                                         ? 0
                         : draw == ResamplingPlan::Draw::Balanced ? double(i)
                                                                  : double(i) / double(members.size()),
                         name, members[i]);
  }
  std::sort(turns.begin(), turns.end());
  std::vector<std::string> order;
  for (const auto & [turn, name, patient] : turns)
    order.push_back(patient);
  return order;
}

std::vector<Resample> PlanResampling(const std::vector<Case> & cases, const ResamplingPlan & plan)
{
  const auto            patients = ClassesOfPatients(cases);
  std::vector<Resample> resamples;
  for (int repeat = 0; repeat < plan.Repeats(); ++repeat)
  {
    const auto splits = SplitsOfPatients(cases, SplitOf(plan, patients.size(), repeat));
    const bool isHoldOut = plan.kind == Kind::HoldOut || plan.kind == Kind::MonteCarlo;
    for (int fold = 0; fold < plan.Folds(patients.size()); ++fold)
    {
      const auto name = isHoldOut ? std::string("test") : Concat("fold", fold);
      Resample   one{ repeat, fold, {}, With(splits, name, true) };
      one.training = TrainingOrder(cases, With(splits, name, false), plan.draw,
                                   DeriveSeed(plan.seed, { "training patients", std::to_string(repeat), std::to_string(fold) }));
      resamples.push_back(std::move(one));
    }
  }
  return resamples;
}

HeldOut HoldOutPatients(const std::vector<Case> & cases, const std::vector<std::string> & training, double share, std::uint64_t seed)
{
  const auto wanted = std::max<std::size_t>(1, static_cast<std::size_t>(share * double(training.size()) + 0.5));
  Require(wanted < training.size(), Fault::Input, wanted, " of ", training.size(), " training patients would be held out for validation; at least one must be left to train on");
  const auto order = TrainingOrder(cases, training, ResamplingPlan::Draw::Proportional, DeriveSeed(seed, { "validation" }));
  HeldOut    parts;
  parts.validation.assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(wanted));
  for (const auto & patient : training)
    if (std::find(parts.validation.begin(), parts.validation.end(), patient) == parts.validation.end())
      parts.training.push_back(patient);
  return parts;
}

} // namespace serval
