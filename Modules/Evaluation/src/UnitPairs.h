#pragma once

#include "serval/Evaluation/Comparison.h"

#include <string>
#include <vector>

namespace serval::evaluation
{

/// One unit as two models predicted it.
struct UnitPair
{
  const Prediction *first, *second;
};

/// The units of two models, in the order of the first; refuses as RequirePaired does.
std::vector<UnitPair> PairUnits(const Predictions & a, const Predictions & b);

/// A result that holds names and no numbers.
TestResult NamedResult(const std::string & test, const Predictions & a, const Predictions & b);

/// Fault::Input naming a patient of several rows, and the tests that allow them.
void RequireOneRowAPatient(const Predictions & predictions, const std::string & test, const std::string & others);

} // namespace serval::evaluation
