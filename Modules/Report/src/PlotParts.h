#pragma once

#include "serval/Report/AddPlot.h"
#include "serval/Visualization/Comparisons.h"
#include "serval/Visualization/Discrimination.h"

#include <vector>

namespace serval
{

/// Scores over each swept value at the largest training size: trained layers, tapped layers, images and classes of a source.
void AddAxisPlots(const StudyFile & study, const StudyResults & results, std::vector<ReportPlot> & plots);

} // namespace serval
