#pragma once

#include "serval/Study/Results.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// A picture for the report: a PNG file and its caption.
struct ReportPicture
{
  std::filesystem::path file;
  std::string           caption;
};

/// One self-contained HTML page (pictures embedded): question, design, results with intervals, tests in words, curves,
/// pictures, failed cells. Plain text, tables and pictures; no script, nothing is loaded from elsewhere.
std::string MakeReport(const StudyFile & study, const StudyResults & results, const std::map<std::string, CellOutcome> & cells,
                       const std::vector<ReportPicture> & plots, const std::vector<ReportPicture> & pictures);

/// Accuracy over training sizes and training curves, as PNG files in `folder`.
std::vector<ReportPicture> DrawPlots(const StudyFile & study, const StudyResults & results, const std::filesystem::path & folder);

} // namespace serval
