#pragma once

#include "Html.h"
#include "serval/Report/Report.h"

namespace serval
{

/// What every section is made of.
struct Page
{
  const ReportInput &             input;
  const std::vector<ReportPlot> & plots;
  PageBudget                      budget;
};

std::string OpeningSections(Page & page); ///< title, question, verdict, warnings, data, arms
std::string ResultSections(Page & page);  ///< scores, comparisons, ranks, similarity, variance, time
std::string CaseSections(Page & page);    ///< the best arm's units, pictures
std::string GallerySections(Page & page, const std::string & target); ///< errors of each arm, all arms on the same patches
std::string VolumeSection(Page & page);
std::string ClosingSections(Page & page); ///< what did not run, limits, provenance

/// The plots of one part of the page, as images for light and dark screens.
std::string PlotsOf(Page & page, ReportPlot::Part part);
/// The first sixteen digits: enough to tell the patients of a study apart.
std::string ShortPseudonym(const ReportInput & input, const std::string & patient);

} // namespace serval
