#include "ShuffleOptions.h"
#include "TrainOptions.h"

#include <deque>

namespace serval
{
namespace
{

struct TrainClassifier final : app::Application
{
  TrainOptions                       options;
  ShuffleOptions                     shuffle;
  std::vector<std::filesystem::path> teachers;
  std::string                        inferenceSampler = "auto";

  app::Description Describe() const override
  {
    return { "ServalTrainClassifier", "train-classifier", "Train a classifier", "Serval.Learning",
             "Trains a classifier, the U-Net-based one first of all, on the classes of a patch cache: from scratch, or "
             "fine-tuned from a source model by a transfer plan; several teachers can be distilled into one network.",
             "The same command line goes on from the last checkpoint, if one was kept" };
  }
  void Declare(app::Parameters & p) override
  {
    options.network = "unet-classifier";
    options.DeclareFiles(p);
    options.DeclareStage(p);
    p.Add("teachers", &teachers, "Trained models whose mean answer is learned beside the labels").In("file", ".safetensors").Optional();
    options.loss.DeclareDistillation(p);
    p.Group("Use");
    p.Add("inferenceSampler", &inferenceSampler, "Where classify-volume takes patches of new volumes from: grid, uniform, candidates, pseudo-segmentation:RECIPE; auto: as the cache's, where "
                                                 "that needs no labels");
    shuffle.Declare(p);
    options.learning.DeclareComputing(p);
  }
  void Run(app::Context & context) override
  {
    Require(inferenceSampler == "auto" || inferenceSampler == "grid" || inferenceSampler == "uniform" || inferenceSampler == "candidates" ||
              inferenceSampler.starts_with("pseudo-segmentation:"),
            Fault::Usage, "--inferenceSampler: '", inferenceSampler, "' is none of auto, grid, uniform, candidates, pseudo-segmentation:RECIPE");
    PatchCache       cache(options.learning.cache);
    const auto &     d = cache.Description();
    Require(d.classNames.size() >= 2, Fault::Input, "'", options.learning.cache.string(), "' names ", d.classNames.size(), " classes; two are needed");
    const auto patients = options.learning.Patients(cache, context);
    shuffle.Deal(cache, patients, options.optimiser.seed, context);
    const auto from = options.transfer.Source(cache, options.learning.cache, context);
    const auto masters = Teachers(context);
    auto       request = options.Request(cache, patients, from);
    SetHead(request.network, d, from.has_value());
    for (const auto & one : masters)
      request.teachers.push_back(&one);
    if (options.transfer.IsOnlyShown(context, request, d.patch))
      return;
    auto      result = options.Train(cache, request, context);
    if (!result.isFirst)
      return;
    ModelFile model;
    model.classNames = d.classNames;
    model.inferenceSampler = inferenceSampler == "auto" ? SamplerOf(d) : inferenceSampler;
    model.lineage = LineageOf(from, masters, patients);
    options.Finish(model, cache, request, std::move(result), patients.size(), context);
  }

private:
  // Empty where places were drawn by labels, which a new volume does not have.
  static std::string SamplerOf(const CacheDescription & d)
  {
    return d.sampler == "class" || d.sampler == "weighted" || d.sampler == "foreground" ? "" : d.sampler;
  }

  void SetHead(NetworkSpec & spec, const CacheDescription & d, bool isTransfer) const
  {
    const auto & attachment = options.architecture.attachment;
    if (isTransfer)
      spec.dropout = options.architecture.spec.dropout;
    if (spec.name.starts_with("unet"))
      spec.Attach(attachment == "none" ? "decoder1" : attachment);
    spec.segmentationClasses = 0;
    spec.reconstructs = false;
    spec.classes = static_cast<int>(d.classNames.size());
    spec.Check();
  }

  std::deque<ModelFile> Teachers(app::Context & context) const
  {
    std::deque<ModelFile> all;
    for (const auto & file : teachers)
    {
      all.push_back(ModelFile::Read(file));
      context.provenance.inputs[Concat("teacher", all.size())] = Sha256OfFile(file);
      KeepLabelMark(all.back(), context.provenance);
    }
    return all;
  }

  // Whoever taught the source or a teacher taught this model.
  std::string LineageOf(const std::optional<ModelFile> & from, const std::deque<ModelFile> & masters, const std::vector<std::string> & patients) const
  {
    auto lineage = options.learning.Extended(from ? from->lineage : "", patients, Role::TargetClass);
    for (const auto & one : masters)
      lineage.Add(Lineage::FromJson(one.lineage));
    return lineage.ToJson();
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::TrainClassifier>(argc, argv); }
