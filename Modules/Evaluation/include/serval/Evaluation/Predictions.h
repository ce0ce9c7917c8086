#pragma once

#include "serval/Core/Table.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace serval
{

/// What one row of predictions stands for.
enum class Unit
{
  Auto,   ///< patients where the truth is the patient's, else as the rows are
  Patch,  ///< as the rows are
  Case,   ///< rows of a case are averaged
  Patient ///< rows of a patient are averaged
};
Unit UnitFrom(const std::string & text);
std::string ToText(Unit unit);

/// One predicted unit.
struct Prediction
{
  std::string         patient, unitId, repeat; ///< `unitId` tells the units of one patient apart
  int                 truth = 0;
  std::vector<double> probabilities;
  std::string         caseId = {}, fold = {}, dataset = {}, lesion = {}; ///< of the first row where rows were averaged

  int Decision() const; ///< class of the largest probability, the first of equal ones
};

/// Predictions of one model, or of one arm over its repeats.
struct Predictions
{
  std::string              name;
  std::vector<std::string> classNames;
  std::vector<Prediction>  rows;
  Unit                     unit = Unit::Patch;

  /// Columns `patient, case, truth, p_<class>...`, optional `unit_id, arm, fold, repeat, dataset, lesion`; others are ignored. Rows are
  /// averaged to `unit`; rows of a case without `unit_id` are numbered. Fault::Input for probabilities that are not
  /// finite, outside 0..1 or not of sum 1 (1e-3), an unknown truth, rows of one unit that disagree in their truth,
  /// several arms, or a patient in several folds of one repeat or in several data sets.
  static Predictions Read(const std::filesystem::path & file, Unit unit = Unit::Auto);
  static Predictions From(const Table & table, const std::string & name, Unit unit = Unit::Auto);

  std::vector<std::string> Patients() const;
  /// The same model's rows for which `chosen` is true.
  Predictions Where(const std::function<bool(const Prediction &)> & chosen) const;
};

/// The same predictions with the classes in another order. Fault::Input when the classes are not the same.
Predictions InClassOrder(const Predictions & predictions, const std::vector<std::string> & classNames);

/// Puts the rows of several repeats into one set.
Predictions Join(const std::vector<Predictions> & repeats);

} // namespace serval
