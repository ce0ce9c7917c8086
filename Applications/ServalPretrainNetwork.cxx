#include "TrainOptions.h"

namespace serval
{
namespace
{

using Task = TrainRequest::Task;

struct PretrainNetwork final : app::Application
{
  TrainOptions   options;
  CorruptionPlan corruption;
  BoltzmannPlan  boltzmann;
  std::string    task = "segment";

  app::Description Describe() const override
  {
    return { "ServalPretrainNetwork", "pretrain-network", "Pretrain a network", "Serval.Learning",
             "Trains a network on the patches of a cache without their classes: to segment them (expert labels or "
             "pseudo-segmentations), to give them back whole, restored or from a part, or layer by layer as Boltzmann machines. "
             "Its layers are the source of a transfer.",
             "The same command line goes on from the last checkpoint, if one was kept" };
  }
  void Declare(app::Parameters & p) override
  {
    options.network = "unet";
    options.DeclareFiles(p);
    p.Add("task", &task, "segment: the cache's labels; reconstruct: the patch itself (autoencoder); restore: the patch from a corrupted one; "
                         "masked: hidden blocks from the rest; boltzmann: convolutions as restricted Boltzmann machines")
      .Choices({ "segment", "reconstruct", "restore", "masked", "boltzmann" });
    options.DeclareStage(p);
    options.loss.DeclareOverlap(p);
    p.Group("Tasks without labels");
    p.Add("maskedShare", &corruption.maskedShare, "Share of the blocks that are hidden").Range(0.01, 0.99);
    p.Add("maskEdge", &corruption.maskEdge, "Voxels of a hidden block along each axis").Range(1, 1024);
    p.Add("boltzmannLayers", &boltzmann.layers, "Convolutions that learn as Boltzmann machines, one after another; the first when left out");
    p.Add("boltzmannPooling", &boltzmann.pooling, "Edge of the blocks of which at most one unit is on").Range(1, 8);
    p.Add("sparsity", &boltzmann.sparsity, "Wanted mean activity of a Boltzmann machine's units").Range(0.0001, 0.9999);
    options.learning.DeclareComputing(p);
  }
  void Run(app::Context & context) override
  {
    const PatchCache cache(options.learning.cache);
    const auto &     d = cache.Description();
    Require(task != "segment" || cache.HasSegmentation(), Fault::Input, "'", options.learning.cache.string(),
            "' holds no segmentation; extract it with --dense");
    const auto patients = options.learning.Patients(cache, context);
    const auto from = options.transfer.Source(cache, options.learning.cache, context);
    auto       request = options.Request(cache, patients, from);
    request.task = TaskOf();
    request.corruption = corruption;
    request.boltzmann = boltzmann;
    SetHead(request.network, d, request.task);
    if (options.transfer.IsOnlyShown(context, request, d.patch))
      return;
    auto      result = options.Train(cache, request, context);
    if (!result.isFirst)
      return;
    ModelFile model;
    if (request.task == Task::Segmentation)
      model.segmentationNames = d.segmentationNames;
    model.inferenceSampler = "grid";
    model.lineage = options.learning.Extended(from ? from->lineage : "", patients, RoleOf(d)).ToJson();
    options.Finish(model, cache, request, std::move(result), patients.size(), context);
  }

private:
  Task TaskOf() const
  {
    return task == "segment"       ? Task::Segmentation
           : task == "reconstruct" ? Task::Reconstruction
           : task == "restore"     ? Task::Restoration
           : task == "masked"      ? Task::Masked
                                   : Task::Boltzmann;
  }

  static void SetHead(NetworkSpec & spec, const CacheDescription & d, Task task)
  {
    const bool classifies = task == Task::Boltzmann && !spec.name.starts_with("unet") && spec.name != "autoencoder";
    spec.Attach("none");
    spec.classes = classifies ? 2 : 0; // the head is not trained; a classifier resets it
    spec.segmentationClasses = task == Task::Segmentation ? static_cast<int>(d.segmentationNames.size()) : 0;
    spec.reconstructs = task != Task::Segmentation && !classifies;
    spec.Check();
  }

  Role RoleOf(const CacheDescription & d) const
  {
    return task != "segment" ? Role::Images : d.segmentationKind == "pseudo-labels" ? Role::PseudoLabels : Role::ExpertLabels;
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::PretrainNetwork>(argc, argv); }
