#pragma once

#include "serval/Study/Results.h"
#include "serval/Visualization/PatchGallery.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace serval
{

/// A picture for the report: a PNG or SVG file and its caption.
struct ReportPicture
{
  std::filesystem::path file;
  std::string           caption;
};

/// A statistical picture as SVG text for light and for dark screens, and the part of the page it belongs to.
struct ReportPlot
{
  enum class Part
  {
    Results,     ///< curves over sizes and sweeps, sources x targets
    Comparisons, ///< forest, critical differences
    Models,      ///< ROC, precision-recall and calibration of the best arm
    Similarity,
    Features,    ///< what networks off the shelf offer their classifiers
    Training
  };
  Part        part = Part::Results;
  std::string name, caption, light, dark; ///< `name`: of files
};

/// What is seen of one tested unit: its slices, and where the network looked.
struct CasePicture
{
  std::filesystem::path picture, saliency; ///< PNG; empty: none
  std::string           run = {};          ///< whose network the saliency is of, and its answer
  std::string           note = {};         ///< which of the unit's patches it is
};

/// Patches with their words, which become text of the page.
struct ReportGallery
{
  struct Cell
  {
    std::filesystem::path    picture = {}; ///< PNG; empty: words only
    std::vector<std::string> lines = {};
    AnswerMark               mark = AnswerMark::None;
  };
  enum class Kind
  {
    Errors,    ///< of one arm, `arm`
    SideBySide ///< a row for each patch, with the arms' answers
  };
  std::string                    target, arm;
  std::string                    note, seen; ///< which patches these are; how they are seen
  Kind                           kind = Kind::Errors;
  std::vector<std::string>       columns = {}; ///< headings of a row's cells, or none
  std::vector<std::vector<Cell>> rows = {};
};

/// A volume that can be turned in the page, with the label map over it. Files in NIfTI.
struct ReportVolume
{
  std::filesystem::path volume, labels;
  std::string           caption;
};

/// How many cases and patients a target's manifest names.
struct CohortCounts
{
  std::size_t cases = 0, patients = 0;
};

/// All that stands on the page.
struct ReportInput
{
  const StudyFile &                                study;
  const StudyPlan &                                plan;
  const StudyResults &                             results;
  const std::map<std::string, CellOutcome> &       cells;
  std::function<std::string(const std::string &)>  pseudonymOf; ///< of a patient; raw ids never stand on the page
  std::vector<ReportPicture>                       pictures = {};
  std::map<std::pair<std::string, std::string>, CasePicture> casePictures = {}; ///< by target and unit id
  std::vector<ReportGallery>                       galleries = {};
  std::map<std::string, CohortCounts>              cohorts = {};  ///< by target
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> facts = {}; ///< by target: what was found in its images, and what it was
  std::vector<ReportVolume>                        volumes = {};  ///< only where asked for: a head volume shows a face
  std::string                                      viewer = {};   ///< NiiVue's script; empty: not set up
};

/// The tested units of one arm, errors before right answers, the most confident error first, then the least sure answers.
std::vector<const CaseResult *> ConfidentErrorsFirst(const StudyResults & results, const std::string & target, const std::string & arm);

/// One self-contained HTML page of at most 20 MB: nothing is loaded from elsewhere, and its content policy forbids it.
/// What would exceed the size is left out and named.
std::string MakeReport(const ReportInput & input, const std::vector<ReportPlot> & plots);

/// Every curve, matrix and forest that the results give.
std::vector<ReportPlot> DrawPlots(const StudyFile & study, const StudyResults & results);

/// The light ones as NAME.svg, for papers and talks.
void WritePlots(const std::vector<ReportPlot> & plots, const std::filesystem::path & folder);

} // namespace serval
