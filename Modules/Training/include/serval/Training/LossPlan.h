#pragma once

#include <string>
#include <vector>

namespace serval
{

/// What is minimised. The entropy term works on classes and on segmentations, the overlap term on segmentations only.
struct LossPlan
{
  enum class Overlap
  {
    None,
    Dice,            ///< 1 - mean over the classes of soft Dice, summed over the batch (Milletari 2016)
    GeneralisedDice, ///< classes weighted by one over their squared volume (Sudre 2017)
    Tversky          ///< false positives and false negatives weighted by `tversky` and 1 - `tversky` (Salehi 2017)
  };
  Overlap             overlap = Overlap::Dice;
  double              tversky = 0.3;      ///< weight of false positives
  double              focal = 0;          ///< exponent gamma of the focal loss (Lin 2017); 0: cross-entropy
  double              labelSmoothing = 0; ///< share of a label that is spread over all classes (Szegedy 2016)
  std::vector<double> classWeights = {};  ///< of the entropy term; empty: all 1
  int                 ignoreLabel = -1;   ///< of segmentations: voxels with this label teach nothing; -1: none
  double              auxiliary = 0.3;    ///< weight of the loss of each further head (Szegedy 2015)
  double              distillation = 0.5; ///< weight of the teachers' answers against the labels, where there are teachers
  double              temperature = 2;    ///< of the teachers' and the student's answers (Hinton 2015)

  /// Fault::Usage naming the value out of range; `classes` of the trained head.
  void Check(int classes) const;

  static Overlap OverlapFrom(const std::string & text);
};

} // namespace serval
