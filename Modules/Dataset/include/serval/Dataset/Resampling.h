#pragma once

#include "serval/Dataset/Manifest.h"

#include <cstdint>
#include <string>
#include <vector>

namespace serval
{

/// How patients are trained on and tested, again and again.
struct ResamplingPlan
{
  enum class Kind
  {
    HoldOut,            ///< one set of test patients for all repeats
    KFold,              ///< each patient is tested once a repeat; r x k with several repeats
    FiveByTwo,          ///< five repeats of two folds (Dietterich 1998)
    LeaveOnePatientOut, ///< as many folds as patients
    MonteCarlo          ///< other test patients in each repeat (repeated random sub-sampling)
  };
  /// Which training patients a smaller training set keeps; either way it holds one of each class from as many patients on
  /// as there are classes.
  enum class Draw
  {
    Proportional, ///< in the classes' own proportion
    Balanced      ///< equally many of each class while they last
  };
  Kind          kind = Kind::HoldOut;
  Draw          draw = Draw::Proportional;
  int           folds = 5, repeats = 1;
  int           testPatients = 0;    ///< of hold-outs, exact, when above 0
  double        testFraction = 0.25; ///< else this share
  bool          sameFolds = false;   ///< of k-fold, in all repeats, which then differ by their seeds alone
  bool          stratified = true;   ///< each class of patients is divided in the same proportion
  std::uint64_t seed = 1;

  int Folds(std::size_t patients) const;
  int Repeats() const { return kind == Kind::FiveByTwo ? 5 : kind == Kind::LeaveOnePatientOut ? 1 : repeats; }
};
ResamplingPlan::Kind ResamplingKindFrom(const std::string & text); ///< hold-out, k-fold, 5x2, leave-one-patient-out, monte-carlo
std::string          ToText(ResamplingPlan::Kind kind);
std::vector<std::string> ResamplingKinds();

/// One training and its test: whole patients. The first n of `training` are the training set of size n, so that smaller
/// sets lie within larger ones.
struct Resample
{
  int                      repeat = 0, fold = 0;
  std::vector<std::string> training, test;
};

/// By patient, stratified by class, independent of the order of the rows. Fault::Input when there are too few patients.
std::vector<Resample> PlanResampling(const std::vector<Case> & cases, const ResamplingPlan & plan);

/// These patients in the order in which training sets of growing size take them.
std::vector<std::string> TrainingOrder(const std::vector<Case> & cases, const std::vector<std::string> & patients, ResamplingPlan::Draw draw,
                                       std::uint64_t seed);

/// Of a training set in its order: every patient but the held-out ones, and these, about `share` of each class, at least
/// one patient. Fault::Input when nothing is left to train on.
struct HeldOut
{
  std::vector<std::string> training, validation;
};
HeldOut HoldOutPatients(const std::vector<Case> & cases, const std::vector<std::string> & training, double share, std::uint64_t seed);

} // namespace serval
