#include "LearningOptions.h"

namespace serval
{
namespace
{

struct PretrainNetwork final : app::Application
{
  LearningOptions       learning;
  StageOptions          stage;
  std::filesystem::path output;
  int                   filters = 8, depth = 3;

  app::Description Describe() const override
  {
    return { "ServalPretrainNetwork", "pretrain-network", "Pretrain a network", "Serval.Learning",
             "Trains a U-Net to segment the patches of a cache (soft Dice + cross-entropy): expert labels or "
             "pseudo-segmentations. Its layers are the source of a transfer." };
  }
  void Declare(app::Parameters & p) override
  {
    learning.DeclareInput(p);
    p.Add("output", &output, "Model to write").Out("file", ".safetensors");
    p.Group("Network");
    p.Add("filters", &filters, "Maps of the first level; doubled at each level").Range(1, 256);
    p.Add("depth", &depth, "Number of poolings by 2").Range(1, 6);
    stage.Declare(p);
    learning.DeclareComputing(p);
  }
  void Run(app::Context & context) override
  {
    const PatchCache cache(learning.cache);
    const auto &     d = cache.Description();
    Require(cache.HasSegmentation(), Fault::Input, "'", learning.cache.string(), "' holds no segmentation; extract it with --dense");
    const auto   patients = learning.Patients(cache, context);
    TrainRequest request;
    stage.Fill(request);
    request.task = TrainRequest::Task::Segmentation;
    request.network.dimension = d.patch.z == 1 ? 2 : 3;
    request.intensity = stage.intensity.OfStored(d.channels);
    request.network.channels = request.intensity.Channels(d.channels);
    request.network.filters = filters;
    request.network.depth = depth;
    request.network.segmentationClasses = static_cast<int>(d.segmentationNames.size());
    request.patches = cache.PatchesOf(patients);
    request.computing = learning.computing;

    ModelFile model;
    model.network = request.network;
    model.intensity = request.intensity;
    model.patch = d.patch;
    model.segmentationNames = d.segmentationNames;
    model.inferenceSampler = "grid";
    model.lineage = learning.Extended({}, patients, d.segmentationKind == "pseudo-labels" ? Role::PseudoLabels : Role::ExpertLabels).ToJson();
    model.provenance = context.provenance.ToJson();
    const auto result = LoadLearning().Train(cache, request, context.progress);
    model.arrays = result.arrays;
    model.Write(output);
    stage.Report(context, result, request.patches.size(), patients.size());
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::PretrainNetwork>(argc, argv); }
