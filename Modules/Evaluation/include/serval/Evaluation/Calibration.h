#pragma once

#include "serval/Evaluation/Predictions.h"

#include <cstdint>
#include <string>
#include <vector>

namespace serval
{

/// Temperatures are sought from its inverse to this.
inline constexpr double greatestTemperature = 100;

/// Turns a model's probabilities into better ones, from rows whose truth is known.
class Calibrator
{
public:
  enum class Kind
  {
    Temperature, ///< softmax of ln p / T (Guo 2017); decisions stay
    Platt,       ///< each class against the rest: logistic regression of the truth on logit p, targets of Platt 1999; divided by the sum
    Isotonic     ///< each class against the rest: the best rising step function (Zadrozny and Elkan 2002), linear between steps; divided by the sum
  };
  static Kind KindFrom(const std::string & text);

  /// Fault::Input unless two classes occur.
  static Calibrator Fit(const Predictions & predictions, Kind kind);
  Predictions       Apply(const Predictions & predictions) const;
  double            Temperature() const { return m_Temperature; } ///< of Kind::Temperature

private:
  std::vector<double> Calibrated(const std::vector<double> & probabilities) const;

  struct Sigmoid
  {
    double intercept = 0, slope = 1;
  };
  struct Steps
  {
    std::vector<double> at, value; ///< rising
  };
  Kind                 m_Kind = Kind::Temperature;
  double               m_Temperature = 1;
  std::vector<Sigmoid> m_Sigmoids; ///< by class
  std::vector<Steps>   m_Steps;    ///< by class
};

/// Each patient's rows calibrated on the other patients' rows, in `folds` parts of whole patients by `seed`; so that no row
/// is judged by what it taught. Fault::Input below `folds` patients, or where the others of a part have one class.
Predictions CrossCalibrated(const Predictions & predictions, Calibrator::Kind kind, int folds, std::uint64_t seed);

/// Shares of the classes among the rows.
std::vector<double> PrevalenceOf(const Predictions & predictions);
/// The probabilities where classes are as frequent as `to` rather than `from`: p(c) to(c) / from(c), divided by the sum
/// (Saerens 2002, equation 4). Fault::Usage unless both are positive shares of sum 1 for all classes.
Predictions AtPrevalence(const Predictions & predictions, const std::vector<double> & from, const std::vector<double> & to);
/// Shares of the classes in rows whose truth is not used, by expectation maximisation from those of the training (Saerens 2002).
std::vector<double> EstimatedPrevalence(const Predictions & predictions, const std::vector<double> & trained);

} // namespace serval
