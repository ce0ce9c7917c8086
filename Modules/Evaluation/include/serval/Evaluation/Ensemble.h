#pragma once

#include "serval/Core/Table.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace serval
{

/// How the predictions of several models become one.
enum class EnsembleRule
{
  Mean,
  Vote,             ///< share of the models that decide for each class
  Product,          ///< geometric mean, divided by the sum; probabilities below 1e-12 count as that
  ForwardSelection, ///< mean of the models chosen on validation rows (SelectForward)
  Cascade           ///< a detector, then a classifier of what it detects (Cascade)
};
/// mean, vote, product, forward-selection or cascade; Fault::Usage for another word.
EnsembleRule             EnsembleRuleFrom(const std::string & word);
std::vector<std::string> EnsembleRuleWords();

/// The first three of them and "..." where there are more.
std::string ExamplesOf(const std::vector<std::string> & all);

/// Predictions of several models, whose rows are matched by repeat, fold, patient, case and unit_id.
class EnsembleRows
{
public:
  /// Files as predict writes them, two or more. Fault::Input, with the number of rows and examples, where the files do not hold the same
  /// units, or name one twice.
  explicit EnsembleRows(std::vector<Table> files);

  std::size_t                      Models() const { return m_Files.size(); }
  std::size_t                      Rows() const { return m_Files.front().Rows(); }
  const Table &                    File(std::size_t model) const { return m_Files[model]; }
  const std::vector<std::string> & ClassNames(std::size_t model) const { return m_Classes[model]; }
  /// Probabilities in the order of the model's classes.
  std::span<const double> Probabilities(std::size_t model, std::size_t row) const;
  const std::string &     Truth(std::size_t model, std::size_t row) const { return m_Files[model].At(row, "truth"); }
  /// The key of a row for messages: "patient p, case c, unit 3, fold 1, repeat 2".
  std::string Words(std::size_t row) const;
  /// The worst word of lineage of all models; empty where no file has one.
  std::string Lineage(std::size_t row) const;
  /// The words of all models that are baselines (as "shuffled labels"), each once; empty where no file has the column.
  std::string Baseline(std::size_t row) const;
  /// Fault::Input where models differ in their classes, or in a row's truth; orders the classes as the first model's.
  void AlignClasses();

private:
  std::vector<std::string> WordsOfAll(const std::string & column, std::size_t row) const; ///< of the files that have it

  std::vector<Table>                    m_Files; ///< rows in the first one's order
  std::vector<std::vector<std::string>> m_Classes;
  std::vector<std::vector<double>>      m_Probabilities;
};

/// How often each model was chosen, and macro F1 on the validation rows after each step.
struct ForwardSelection
{
  std::vector<int>    counts;
  std::vector<double> scores;
  std::size_t         steps = 0; ///< kept, those up to the best score
};

/// Caruana et al. 2004: from nothing, the model is added, with replacement, whose mean with those chosen has the best macro F1 (rows of a
/// patient averaged as evaluate-predictions does); 3 steps a model, kept up to the first best. Fault::Input for a row without a truth.
ForwardSelection SelectForward(const EnsembleRows & validation);

/// Names of the columns arm, fold and repeat to write in every row; empty: fold and repeat as in the files, no arm.
struct EnsembleNames
{
  std::string arm, fold, repeat;
};

/// Mean, Vote or Product, each model counted so often; predict's columns, then others of the first file. Fault::Input where classes or truths differ.
Table Combine(EnsembleRows rows, EnsembleRule rule, const std::vector<int> & counts, const EnsembleNames & names = {});

/// p(negative) of the detector, the first of exactly two models, and p(positive) p(class) of the classifier; its second class is the positive one.
/// The truth is the finest one of both. Fault::Input, with the number of rows and
/// examples, where a truth is not among the classes, or the files contradict each other.
Table Cascade(const EnsembleRows & rows, const EnsembleNames & names = {});

} // namespace serval
