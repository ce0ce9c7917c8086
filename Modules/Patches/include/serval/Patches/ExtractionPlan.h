#pragma once

#include "serval/Cache/PatchCache.h"
#include "serval/Patches/CandidateList.h"
#include "serval/Patches/PatchShape.h"
#include "serval/Patches/Sampling.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace serval
{

/// How a set of 2D images is read.
struct ImageSetRule
{
  enum class Colour
  {
    Grey, ///< one channel; of colours the luma 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601)
    Rgb   ///< three channels; grey images thrice
  };
  Colour                   colour = Colour::Grey;
  std::string              patientPattern; ///< ECMAScript; its first group, found in the image's name, is the patient
  int                      imagesPerPatient = 0; ///< of arrays: patients in order, so many images each; 0: unknown
  std::vector<std::string> parts;                ///< of arrays: train, val, test; empty: all there are
  bool                     isResampled = false;  ///< to the plan's size, without distortion; else all have that size
  int perClass = 0; ///< so many images of each class, the same ones for every larger number; 0: all
  std::string classPattern = {}; ///< as patientPattern, of the class; empty: the folder that holds the image
};

/// How the patches of every case are made. Its canonical JSON is part of each shard's key and enough to make it again.
struct ExtractionPlan
{
  /// A column of the manifest that names label maps.
  enum class LabelColumn
  {
    None,
    Segmentation,
    PseudoSegmentation
  };
  enum class ClassSource
  {
    Case,      ///< the manifest's class
    Centre,    ///< the segmentation's label at the patch's centre
    Candidate, ///< the candidate's label
    None
  };
  PatchShape               shape;
  SamplingPlan             sampling;
  ClassSource              classFrom = ClassSource::Case;
  std::vector<std::string> classNames; ///< of labels 0, 1, 2, ... or of the manifest
  std::vector<int>
        classLabels; ///< labels of the segmentation that are classes 0, 1, 2, ...; empty: the labels themselves
  LabelColumn labelsFrom = LabelColumn::Segmentation; ///< read for places and for classes at their centres
  LabelColumn dense = LabelColumn::None;              ///< stored with the patches
  std::vector<std::string>    denseNames;  ///< of the stored labels 0, 1, 2, ...
  std::map<int, int>          mergeLabels; ///< label of the stored segmentation -> its new label
  std::uint64_t               seed = 1;
  std::optional<ImageSetRule> imageSet; ///< patches are the images of a set, not cut from volumes

  /// Sorted keys, no blanks, every option.
  std::string ToJson() const;
  /// Fault::Input when a key is missing or no option of this version.
  static ExtractionPlan FromJson(const std::string & json);

  /// Fault::Usage when options contradict each other.
  void Check() const;
  /// Whether the case's labels are read for places or classes.
  bool NeedsLabels() const;
  /// Columns of the manifest that must be filled.
  std::vector<std::string> NeededColumns() const;
  /// What a cache of these patches says of itself; `channels` of a volume.
  CacheDescription Description(std::size_t channels, Compression compression, const std::string & provenance) const;
};

/// Words of the enumerations, as in options and files; Fault::Usage when a word is unknown.
std::string                 ToText(PatchShape::Plane plane);
PatchShape::Plane           PlaneFrom(const std::string & text);
PatchShape::Scales          ScalesFrom(const std::string & text);
PatchShape::Border          BorderFrom(const std::string & text);
PatchShape::Padding         PaddingFrom(const std::string & text);
PatchShape::Interpolation   InterpolationFrom(const std::string & text);
ExtractionPlan::LabelColumn       LabelColumnFrom(const std::string & text);
ImageSetRule::Colour        ColourFrom(const std::string & text);
ExtractionPlan::ClassSource ClassSourceFrom(const std::string & text);

} // namespace serval
