#include "LearningOptions.h"
#include "NetworkOptions.h"
#include "PlanOptions.h"

namespace serval
{
namespace
{

using Task = TrainRequest::Task;

struct PretrainNetwork final : app::Application
{
  LearningOptions       learning;
  StageOptions          stage;
  PlanOptions           transfer;
  LossOptions           loss;
  ArchitectureOptions   architecture;
  CorruptionPlan        corruption;
  BoltzmannPlan         boltzmann;
  std::filesystem::path output;
  std::string           network = "unet", task = "segment";

  app::Description Describe() const override
  {
    return { "ServalPretrainNetwork", "pretrain-network", "Pretrain a network", "Serval.Learning",
             "Trains a network on the patches of a cache without their classes: to segment them (expert labels or "
             "pseudo-segmentations), to give them back whole, restored or from a part, or layer by layer as Boltzmann machines. "
             "Its layers are the source of a transfer." };
  }
  void Declare(app::Parameters & p) override
  {
    learning.DeclareInput(p);
    p.Add("output", &output, "Model to write").Out("file", ".safetensors");
    p.Add("task", &task, "segment: the cache's labels; reconstruct: the patch itself (autoencoder); restore: the patch from a corrupted one; "
                         "masked: hidden blocks from the rest; boltzmann: convolutions as restricted Boltzmann machines")
      .Choices({ "segment", "reconstruct", "restore", "masked", "boltzmann" });
    transfer.Declare(p);
    p.Group("Network (from scratch)");
    p.Add("network", &network, "One of " + Join(NetworkNames(), ", "));
    architecture.Declare(p);
    stage.Declare(p);
    loss.DeclareEntropy(p);
    loss.DeclareOverlap(p);
    p.Group("Tasks without labels", true);
    p.Add("maskedShare", &corruption.maskedShare, "Share of the blocks that are hidden").Range(0.01, 0.99);
    p.Add("maskEdge", &corruption.maskEdge, "Voxels of a hidden block along each axis").Range(1, 1024);
    p.Add("boltzmannLayers", &boltzmann.layers, "Convolutions that learn as Boltzmann machines, one after another; the first when left out");
    p.Add("boltzmannPooling", &boltzmann.pooling, "Edge of the blocks of which at most one unit is on").Range(1, 8);
    p.Add("sparsity", &boltzmann.sparsity, "Wanted mean activity of a Boltzmann machine's units").Range(0.0001, 0.9999);
    learning.DeclareComputing(p);
  }
  void Run(app::Context & context) override
  {
    const PatchCache cache(learning.cache);
    const auto &     d = cache.Description();
    Require(task != "segment" || cache.HasSegmentation(), Fault::Input, "'", learning.cache.string(), "' holds no segmentation; extract it with --dense");
    const auto   patients = learning.Patients(cache, context);
    const auto   from = transfer.Source(cache, learning.cache, context);
    TrainRequest request;
    stage.Fill(request);
    request.task = task == "segment" ? Task::Segmentation : task == "reconstruct" ? Task::Reconstruction : task == "restore" ? Task::Restoration
                   : task == "masked" ? Task::Masked : Task::Boltzmann;
    request.plan = transfer.plan;
    request.loss = loss.Plan();
    request.corruption = corruption;
    request.boltzmann = boltzmann;
    request.patches = cache.PatchesOf(patients);
    request.computing = learning.computing;
    request.source = from ? &*from : nullptr;
    request.intensity = from ? from->intensity : stage.intensity.OfStored(d.channels);
    request.network = Network(d, request);
    if (transfer.IsOnlyShown(context, request, d.patch))
      return;

    ModelFile model;
    model.network = request.network;
    model.intensity = request.intensity;
    model.patch = d.patch;
    model.segmentationNames = task == "segment" ? d.segmentationNames : std::vector<std::string>{};
    model.inferenceSampler = "grid";
    model.lineage = learning.Extended(from ? from->lineage : "", patients, RoleOf(d)).ToJson();
    model.provenance = context.provenance.ToJson();
    const auto result = LoadLearning().Train(cache, request, context.progress);
    transfer.RequireLoaded(result);
    model.arrays = result.arrays;
    model.Write(output);
    stage.Report(context, result, request.patches.size(), patients.size());
  }

private:
  NetworkSpec Network(const CacheDescription & d, const TrainRequest & request) const
  {
    NetworkSpec spec = request.source ? request.source->network : architecture.Named(network);
    if (!request.source)
    {
      spec.dimension = d.patch.z == 1 ? 2 : 3;
      spec.channels = request.intensity.Channels(d.channels);
    }
    const bool classifies = request.task == Task::Boltzmann && !spec.name.starts_with("unet") && spec.name != "autoencoder";
    spec.Attach("none");
    spec.classes = classifies ? 2 : 0; // the head is not trained; a classifier resets it
    spec.segmentationClasses = request.task == Task::Segmentation ? static_cast<int>(d.segmentationNames.size()) : 0;
    spec.reconstructs = request.task != Task::Segmentation && !classifies;
    spec.Check();
    return spec;
  }

  Role RoleOf(const CacheDescription & d) const
  {
    return task != "segment" ? Role::Images : d.segmentationKind == "pseudo-labels" ? Role::PseudoLabels : Role::ExpertLabels;
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::PretrainNetwork>(argc, argv); }
