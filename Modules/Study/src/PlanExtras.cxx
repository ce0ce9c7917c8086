#include "PlanWork.h"

#include <algorithm>

namespace serval
{
namespace
{

/// Scores that need nothing but features and classes.
constexpr const char * featureMeasures = "nleep,logme,h-score,parc,transrate,features-gradients";

} // namespace

/// The sources' networks on the patches of the largest training set of the first training.
void PlanSimilarity(PlanWork & work, const TargetWork & target)
{
  const auto & study = work.study;
  const auto & first = target.resamples.front();
  const int    size = std::find(study.trainPatients.begin(), study.trainPatients.end(), 0) != study.trainPatients.end() ? 0 : *std::max_element(study.trainPatients.begin(), study.trainPatients.end());
  const auto   table = work.At("similarity-" + target.target.name + ".csv");
  Cell         cell{ target.prefix + "similarity" };
  Words        words{ work.Module("ServalCompareDatasets"), "--compare", "networks", "--measures", featureMeasures, "--table", table.string(), "--replicates", "200" };
  std::set<std::string> seen;
  for (const auto & arm : study.arms)
  {
    if (!arm.UsesSource() || !seen.insert(arm.source).second)
      continue;
    const auto source = PlanSource(work, target, study.Source(arm.source), study.Network(arm.network), size, first);
    auto       tapped = arm;
    tapped.layers = study.similarityLayer;
    Cell       features{ target.prefix + "similarity-" + arm.source, {}, target.cacheNeeds, { work.At("cells/" + target.prefix + "similarity-" + arm.source) / "features.h5" } };
    features.needs.push_back(source.cell);
    features.commands = { { work.Module("ServalExtractFeatures"), "--cache", target.cache.string(), "--model", source.model.string(), "--layers", study.LayersOf(tapped), "--output",
                            features.outputs.front().string(), "--patients", work.List("train-" + target.prefix + target.Tag(size, first)).string(), "--threads", "1" } };
    words.insert(words.end(), { "--features", features.outputs.front().string(), "--names", arm.source });
    cell.needs.push_back(features.id);
    work.Add(std::move(features));
  }
  if (seen.empty())
    return;
  cell.commands = { words };
  cell.outputs = { table };
  work.Add(std::move(cell));
  work.plan.targets.back().similarity = table;
}

/// Volumes with the labels that sources learn, by render-volume.
void PlanPictures(PlanWork & work, const TargetWork & target)
{
  Cell       cell{ target.prefix + "pictures" };
  const auto add = [&](Words words, const std::string & name) {
    const auto picture = work.At("pictures/" + target.prefix + name + ".png");
    words.insert(words.begin(), work.Module("ServalRenderVolume"));
    words.insert(words.begin() + 2, picture.string());
    cell.commands.push_back(words);
    cell.outputs.push_back(picture);
    work.plan.pictures.push_back(picture);
  };
  int shown = 0;
  for (const auto & one : target.cases)
  {
    if (!target.hasManifest || shown >= work.study.pictures || !target.used.contains(one.patient))
      continue;
    ++shown;
    for (const auto & source : work.study.sources)
    {
      if (source.labels.empty() || (source.labels == "expert" && !source.merge.empty()))
        continue;
      const bool  expert = source.labels == "expert";
      if (!expert && !work.Has(target.prefix + "segment-" + source.name))
        continue;
      const auto  labels = expert ? one.segmentation : SegmentationFolder(work, target, source.name) / (one.id + ".nii.gz");
      const Words words{ one.image.string(), "--labels", labels.string(), "--labelNames", Join({ source.names.begin() + 1, source.names.end() }, ","), "--title", source.text };
      add(words, source.name + "-" + std::to_string(shown));
      if (expert && shown == 1)
        add(Joined({ words, { "--mode", "surface" } }), source.name + "-surface");
      if (!expert && shown == 1)
        cell.needs.push_back(target.prefix + "segment-" + source.name);
    }
  }
  if (!cell.commands.empty())
    work.Add(std::move(cell));
}

} // namespace serval
