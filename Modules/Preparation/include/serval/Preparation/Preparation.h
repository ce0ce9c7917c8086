#pragma once

#include "serval/Volume/Intensity.h"
#include "serval/Volume/Resample.h"
#include "serval/Preparation/SpacingPlan.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace serval
{

/// The word for fitting on all cases, the test's too: what is found then is transductive.
inline constexpr const char * wholeCohort = "all";

/// What was fitted for one channel on the training cases.
struct ChannelScale
{
  std::optional<IntensityLimits>   clip;
  std::optional<IntensityStandard> standard;
};

/// How the volumes of a cohort become alike. The steps are taken in the order of the members.
struct PreparationPlan
{
  bool                         correctsBias = false; ///< N4, of every channel
  std::string                  orientation;          ///< as Reoriented; empty keeps each volume's own
  std::optional<SpacingPlan>   spacing;              ///< given (fitted on 0 cases) or fitted
  Interpolation                interpolation = Interpolation::BSpline;
  Foreground                   foreground = Foreground::Mean; ///< of all statistics, in each channel by itself
  std::vector<double>          percentileClip; ///< two percentages, of each volume; see ChannelScale for fitted limits
  std::vector<ChannelScale>    channels;       ///< empty, or one for each
  std::string                  reference;      ///< content hash of the volume whose histogram is matched
  bool                         zScores = false;
  std::vector<IntensityLimits> windows; ///< each makes a channel of its own from the only one
  std::string                  fitSplit;
  int                          fitCases = 0; ///< the fitted numbers come from so many cases

  /// Canonical JSON of schema serval-preparation/1.
  std::string            ToJson() const;
  static PreparationPlan FromJson(const std::string & json);
  /// Of a plan.json; Fault::Input, naming the file, when it is none.
  static PreparationPlan Read(const std::filesystem::path & file);
};

/// A case's files under the names of the manifest's columns; all on one grid.
struct CaseFiles
{
  using Named = std::pair<std::string, std::filesystem::path>;
  std::string        id;
  std::vector<Named> images, labels; ///< the first image is the case's grid
  ReadOptions        reading;
};

struct PreparedCase
{
  std::vector<std::pair<std::string, Volume>>      images;
  std::vector<std::pair<std::string, LabelVolume>> labels;
  std::vector<std::string>                         changes; ///< what reading changed, as `image: ...`
};

/// Images and labels on one new grid. `reference` is needed where the plan matches its histogram. Several windows give
/// `image`, `image_window2`, ...
PreparedCase PrepareCase(const CaseFiles & files, const PreparationPlan & plan, const Volume * reference = nullptr);

/// Prepares a case into `folder`/id (COLUMN.nii.gz and case.json), whole or not at all. What is there already stays when
/// it was made from the same content by the same plan and version. The files by their columns.
std::map<std::string, std::filesystem::path> PrepareInto(const std::filesystem::path & folder, const CaseFiles & files,
                                                         const PreparationPlan & plan, const Volume * reference = nullptr);

/// What the scales of a case's channels are fitted from: percentiles after the case came to its new grid.
struct CaseLandmarks
{
  std::vector<std::vector<double>> standard; ///< of each channel, at the percentages of IntensityStandard
  std::vector<std::vector<double>> clip;     ///< of each channel, at the two percentages asked for, if any
};
CaseLandmarks MeasureLandmarks(CaseFiles files, const PreparationPlan & plan, const std::vector<double> & clipPercentages);

/// For each channel the limits as median of the cases' percentiles, and the standard scale if `fitsStandard`.
std::vector<ChannelScale> FitScales(const std::vector<CaseLandmarks> & training, bool fitsStandard);

} // namespace serval
