#include "LearningOptions.h"
#include "NetworkOptions.h"
#include "PlanOptions.h"

#include <deque>

namespace serval
{
namespace
{

struct TrainClassifier final : app::Application
{
  LearningOptions                    learning;
  StageOptions                       stage;
  PlanOptions                        transfer;
  LossOptions                        loss;
  ArchitectureOptions                architecture;
  std::filesystem::path              output;
  std::vector<std::filesystem::path> teachers;
  std::string                        network = "unet-classifier";

  app::Description Describe() const override
  {
    return { "ServalTrainClassifier", "train-classifier", "Train a classifier", "Serval.Learning",
             "Trains a classifier, the U-Net-based one first of all, on the classes of a patch cache: from scratch, or "
             "fine-tuned from a source model by a transfer plan; several teachers can be distilled into one network." };
  }
  void Declare(app::Parameters & p) override
  {
    learning.DeclareInput(p);
    p.Add("output", &output, "Model to write").Out("file", ".safetensors");
    transfer.Declare(p);
    p.Group("Network (from scratch)");
    p.Add("network", &network, "One of " + Join(NetworkNames(), ", "));
    architecture.Declare(p);
    stage.Declare(p);
    loss.DeclareEntropy(p);
    p.Add("teachers", &teachers, "Trained models whose mean answer is learned beside the labels").In("file", ".safetensors").Optional();
    loss.DeclareDistillation(p);
    learning.DeclareComputing(p);
  }
  void Run(app::Context & context) override
  {
    const PatchCache cache(learning.cache);
    const auto &     d = cache.Description();
    Require(d.classNames.size() >= 2, Fault::Input, "'", learning.cache.string(), "' names ", d.classNames.size(), " classes; two are needed");
    const auto   patients = learning.Patients(cache, context);
    const auto   from = transfer.Source(cache, learning.cache, context);
    TrainRequest request;
    stage.Fill(request);
    request.plan = transfer.plan;
    request.loss = loss.Plan();
    request.patches = cache.PatchesOf(patients);
    request.computing = learning.computing;
    request.source = from ? &*from : nullptr;
    request.intensity = from ? from->intensity : stage.intensity.OfStored(d.channels);
    request.network = Network(d, request);
    const auto masters = Teachers(context);
    for (const auto & one : masters)
      request.teachers.push_back(&one);
    if (transfer.IsOnlyShown(context, request, d.patch))
      return;
    const auto result = LoadLearning().Train(cache, request, context.progress);
    transfer.RequireLoaded(result);

    ModelFile model;
    model.network = request.network;
    model.intensity = request.intensity;
    model.patch = d.patch;
    model.classNames = d.classNames;
    model.inferenceSampler = d.sampler == "class" ? "grid" : d.sampler;
    model.lineage = LineageOf(from, masters, patients);
    model.provenance = context.provenance.ToJson();
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
    else
      spec.dropout = architecture.spec.dropout;
    if (spec.name.starts_with("unet"))
      spec.Attach(architecture.attachment == "none" ? "decoder1" : architecture.attachment);
    spec.segmentationClasses = 0;
    spec.reconstructs = false;
    spec.classes = static_cast<int>(d.classNames.size());
    spec.Check();
    return spec;
  }

  std::deque<ModelFile> Teachers(app::Context & context) const
  {
    std::deque<ModelFile> all;
    for (const auto & file : teachers)
    {
      all.push_back(ModelFile::Read(file));
      context.provenance.inputs[Concat("teacher", all.size())] = Sha256OfFile(file);
    }
    return all;
  }

  // Whoever taught the source or a teacher taught this model.
  std::string LineageOf(const std::optional<ModelFile> & from, const std::deque<ModelFile> & masters, const std::vector<std::string> & patients) const
  {
    auto lineage = learning.Extended(from ? from->lineage : "", patients, Role::TargetClass);
    for (const auto & one : masters)
      lineage.Add(Lineage::FromJson(one.lineage));
    return lineage.ToJson();
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::TrainClassifier>(argc, argv); }
