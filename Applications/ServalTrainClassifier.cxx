#include "LearningOptions.h"

namespace serval
{
namespace
{

struct TrainClassifier final : app::Application
{
  LearningOptions          learning;
  StageOptions             stage;
  std::filesystem::path    output, source;
  int                      filters = 8, depth = 3;
  double                   dropout = 0;
  std::string              attachment = "decoder1", freeze = "none";
  std::vector<std::string> reset;
  double                   minimumLoaded = 0.5;

  app::Description Describe() const override
  {
    return { "ServalTrainClassifier", "train-classifier", "Train a classifier", "Serval.Learning",
             "Trains the U-Net-based classifier on the classes of a patch cache: from scratch, or fine-tuned from a source "
             "model with a freezing plan." };
  }
  void Declare(app::Parameters & p) override
  {
    learning.DeclareInput(p);
    p.Add("output", &output, "Model to write").Out("file", ".safetensors");
    p.Group("Transfer");
    p.Add("source", &source, "Model to start from; scratch when left out").In("file", ".safetensors").Optional();
    p.Add("freeze", &freeze, "Layers held fixed: none, all, upto:LAYER, from:LAYER (trained from it on), only:LAYER,LAYER (trained)");
    p.Add("reset", &reset, "Layers that start anew");
    p.Add("minimumLoaded", &minimumLoaded, "Least share of the parameters that must come from the source").Range(0, 1);
    p.Group("Network");
    p.Add("attachment", &attachment, "Where the classifier is attached").Choices({ "decoder1", "bottleneck", "decoders" });
    p.Add("filters", &filters, "Maps of the first level (from scratch)").Range(1, 256);
    p.Add("depth", &depth, "Number of poolings by 2 (from scratch)").Range(1, 6);
    p.Add("dropout", &dropout, "Dropout before the last layer").Range(0, 0.99);
    stage.Declare(p);
    learning.DeclareComputing(p);
  }
  void Run(app::Context & context) override
  {
    const PatchCache cache(learning.cache);
    const auto &     d = cache.Description();
    Require(d.classNames.size() >= 2, Fault::Input, "'", learning.cache.string(), "' names ", d.classNames.size(), " classes; two are needed");
    const auto   patients = learning.Patients(cache, context);
    TrainRequest request;
    stage.Fill(request);
    request.plan.freeze = freeze;
    request.plan.reset = reset;
    request.patches = cache.PatchesOf(patients);
    request.computing = learning.computing;
    ModelFile from;
    if (!source.empty())
    {
      from = ModelFile::Read(source);
      from.RequireInput(d.patch, d.channels, learning.cache.string());
      request.source = &from;
      context.provenance.inputs["source"] = Sha256OfFile(source);
    }
    request.intensity = source.empty() ? stage.intensity.OfStored(d.channels) : from.intensity;
    request.network = Network(cache, from);
    request.plan.FrozenLayers(request.network.Layers()); // a wrong plan ends here, before tensors are loaded
    const auto result = LoadLearning().Train(cache, request, context.progress);
    Require(!result.load || result.load->share >= minimumLoaded, Fault::Input, "the source does not fit: ", result.load ? result.load->ToText() : "");

    ModelFile model;
    model.network = request.network;
    model.intensity = request.intensity;
    model.patch = d.patch;
    model.classNames = d.classNames;
    model.inferenceSampler = d.sampler == "class" ? "grid" : d.sampler;
    model.lineage = learning.Extended(from.lineage, patients, Role::TargetClass).ToJson();
    model.provenance = context.provenance.ToJson();
    model.arrays = result.arrays;
    model.Write(output);
    stage.Report(context, result, request.patches.size(), patients.size());
  }

private:
  NetworkSpec Network(const PatchCache & cache, const ModelFile & from) const
  {
    NetworkSpec spec;
    if (source.empty())
    {
      spec.dimension = cache.Description().patch.z == 1 ? 2 : 3;
      spec.channels = stage.intensity.OfStored(cache.Description().channels).Channels(cache.Description().channels);
      spec.filters = filters;
      spec.depth = depth;
    }
    else
      spec = from.network;
    spec.segmentationClasses = 0;
    spec.classes = static_cast<int>(cache.Description().classNames.size());
    spec.attachment = NetworkSpec::AttachmentFrom(attachment);
    spec.dropout = dropout;
    spec.Check();
    return spec;
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::TrainClassifier>(argc, argv); }
