#pragma once

#include "serval/Evaluation/Curves.h"
#include "serval/Visualization/Curves.h"

namespace serval
{

/// ROC or precision-recall curves in the unit square; a curve's `low` and `high` are drawn as a band.
struct UnitPlot
{
  std::string        title{};
  std::vector<Curve> curves{}; ///< their names tell the area with its interval
  PictureSize        size{ 640, 720 };
  Theme              theme = Theme::Light;
};

/// x: 1 - specificity, y: sensitivity, beside the diagonal of chance. Errors as DrawCurves', and Fault::Input for a finite
/// value outside 0..1.
Drawing DrawRoc(const UnitPlot & plot);
/// x: recall, y: precision, beside the prevalence of the class, the precision of chance: one for all curves, or one for each,
/// in its colour where they differ.
Drawing DrawPrecisionRecall(const UnitPlot & plot, const std::vector<double> & prevalences);

/// How often decisions of a probability are right, over a histogram of the probabilities.
struct ReliabilityPlot
{
  std::string                 title{};
  std::vector<ReliabilityBin> bins{};
  std::vector<Interval>       intervals{}; ///< of the bins' accuracy, one for each; none: not drawn
  std::string                 note{};      ///< such as the expected calibration error with its interval
  PictureSize                 size{ 640, 800 };
  Theme                       theme = Theme::Light;
};
/// Fault::Input without a filled bin or with intervals of another number.
Drawing DrawReliability(const ReliabilityPlot & plot);

} // namespace serval
