#pragma once

#include "serval/Dataset/Manifest.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace serval
{

/// How patients are divided: into `folds` folds when that is above 0, else into train and test.
struct SplitPlan
{
  int           folds = 0;
  int           testPatients = 0;     ///< exact number, when above 0
  double        testFraction = 0.25;  ///< else this share
  bool          stratified = true;    ///< each class of patients is divided in the same proportion
  std::uint64_t seed = 1;
};

/// The split of each case (`train`/`test`, or `fold0`, `fold1`, ...): whole patients, independent of the row order.
/// Fault::Input when there are too few patients.
std::vector<std::string> AssignSplit(const std::vector<Case> & cases, const SplitPlan & plan);

/// Patients by class; one who has several counts as "a+b".
std::map<std::string, std::string> ClassesOfPatients(const std::vector<Case> & cases);

/// Patients counted by class (rows; a patient of several classes counts as "a+b") and split (columns).
std::map<std::string, std::map<std::string, int>> CountPatients(const std::vector<Case> &        cases,
                                                                const std::vector<std::string> & splits);

} // namespace serval
