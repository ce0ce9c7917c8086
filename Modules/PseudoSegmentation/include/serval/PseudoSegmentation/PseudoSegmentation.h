#pragma once

#include "serval/Core/Progress.h"
#include "serval/Volume/Volume.h"

#include <cstdint>
#include <string>
#include <vector>

namespace serval
{

enum class ThresholdMethod
{
  Otsu,       ///< one threshold, Otsu 1979
  MultiOtsu,  ///< `classes` - 1 thresholds of the largest between-class variance, Otsu 1979
  Fixed,      ///< `thresholds`, in the volume's own intensities (HU for CT)
  Percentile  ///< intensities below which `percentiles` of the voxels lie
};

ThresholdMethod          ThresholdMethodOf(const std::string & name); ///< Fault::Usage lists the names
std::vector<std::string> ThresholdMethodNames();

/// When a pseudo-segmentation is refused. Shares are of all voxels of the volume.
struct GateLimits
{
  double emptyShare = 0.001;    ///< a label with less is empty
  double fullShare = 0.001;     ///< a background with less is full
  double jitter = 0.02;         ///< thresholds move by this part of the intensity range (0.1 to 99.9 percentile) ...
  double unstableShare = 0.2;   ///< ... and no more than this part of the voxels may change its label
};

/// How thresholds become a label map. A voxel at a threshold belongs to the class above it.
struct ThresholdRecipe
{
  ThresholdMethod          method = ThresholdMethod::Otsu;
  int                      classes = 2;         ///< MultiOtsu: 2 to 8, the darkest included
  std::vector<double>      thresholds;          ///< Fixed: increasing
  std::vector<double>      percentiles;         ///< Percentile: increasing, from 0.1 to 99.9
  int                      opening = 0;         ///< radius in voxels of a 3D cross that opens the foreground; 0: none
  int                      largest = 0;         ///< keep so many of the largest parts of the foreground; 0: all
  bool                     fillHoles = false;   ///< background enclosed in the foreground gets label 1
  double                   minimumSize = 0;     ///< mm^3; smaller parts of the foreground go
  bool                     isBodyFirst = false; ///< CT: outside the body is label 0, the darkest class in it label 1
  std::string              modality;            ///< DICOM's word; a volume known to be another is refused
  std::vector<std::string> names;               ///< of the labels from 0 on; empty: background, class 1, ...
  GateLimits               limits;
  int                      threads = 1;         ///< for one volume; the labels do not depend on them
};

/// The presets: ct-air-soft-bone, ct-contrast, mr-foreground, mr-tissue.
std::vector<std::string> ThresholdRecipeNames();
ThresholdRecipe          NamedThresholdRecipe(const std::string & name); ///< Fault::Usage lists the names

/// From good to bad.
enum class Verdict
{
  Ok,
  Outlier,  ///< far from the other cases of its cohort
  Unstable, ///< a small shift of the thresholds changes many labels
  Full,     ///< nothing is left as background
  Empty,    ///< a label has next to no voxels
  Failed    ///< there is no label map: the volume cannot be read or has no thresholds
};

std::string ToText(Verdict verdict); ///< ok, outlier, unstable, full, empty, failed

struct PseudoLabel
{
  std::uint16_t value = 0;
  std::string   name;
  std::uint64_t voxels = 0;
  double        milliliters = 0;
};

/// What is known of a label map.
struct PseudoSummary
{
  std::vector<double>      thresholds;        ///< used, increasing
  std::vector<PseudoLabel> classes;           ///< of all labels, 0 included
  double                   low = 0, high = 0; ///< 0.1 and 99.9 percentile of the intensities (of a body found first)
  double                   changed = 0; ///< part of the voxels whose label changes under the jitter of GateLimits
  Verdict                  verdict = Verdict::Ok;
  std::string              reason; ///< of a verdict that is not Ok, with numbers
};

struct PseudoSegmentation : PseudoSummary
{
  LabelVolume labels;
};

/// Fault::Usage when the recipe contradicts itself, Fault::Input when the volume is of one intensity or of another
/// modality than the recipe's. A poor result is returned with its verdict.
PseudoSegmentation Segment(const Volume & volume, const ThresholdRecipe & recipe, Progress & progress);
PseudoSegmentation Segment(const Volume & volume, const ThresholdRecipe & recipe);

} // namespace serval
