#pragma once
// Of ServalPredict: a segmenting model answers for the class of each patch's centre.

#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Inference/Probabilities.h"

#include <string>
#include <vector>

namespace serval
{

struct CentreOptions
{
  bool                     atCentre = false;
  std::vector<std::string> labelClasses;

  void Declare(app::Parameters & p)
  {
    p.Group("Of segmenting models");
    p.Add("atCentre", &atCentre, "A segmenting model's probabilities at each patch's centre voxel are those of the cache's classes");
    p.Add("labelClasses", &labelClasses, "Which of the model's labels is which of the cache's classes, as background=outside,anterior=anterior; else those of equal names. background= leaves a label out where no class has its name; the others then share the whole");
  }

  /// Fault::Input when the model does not segment, or labels and classes do not match.
  void RequireMatch(const ModelFile & model, const CacheDescription & d) const
  {
    Require(!model.segmentationNames.empty(), Fault::Input, "the model does not segment, or its labels have no names; --atCentre needs one that pretrain-network made");
    Require(!d.classNames.empty(), Fault::Input, "the cache has no classes for --atCentre; extract it with --classFrom centre");
    ClassesOfLabels(model.segmentationNames, d.classNames, labelClasses);
  }

  std::vector<float> Probabilities(const PatchCache & cache, const std::vector<std::size_t> & patches, const ModelFile & model, const Computing & computing,
                                   Progress & progress) const
  {
    return CentreProbabilities(cache, patches, model, ClassesOfLabels(model.segmentationNames, cache.Description().classNames, labelClasses), computing, progress);
  }
};

} // namespace serval
