#include "LearningOptions.h"
#include "serval/Cache/FeatureFile.h"

namespace serval
{
namespace
{

struct ExtractFeatures final : app::Application
{
  LearningOptions          learning;
  std::filesystem::path    model, output;
  std::vector<std::string> layers{ "bottleneck" };
  std::string              pooling = "mean";

  app::Description Describe() const override
  {
    return { "ServalExtractFeatures", "extract-features", "Extract features", "Serval.Learning",
             "Writes the features of any named layers of a model for the patches of a cache: a number or some for each map, or every voxel." };
  }
  void Declare(app::Parameters & p) override
  {
    learning.DeclareInput(p);
    p.Add("model", &model, "Model whose layers are tapped").In("file", ".safetensors");
    p.Add("output", &output, "Features to write (HDF5)").Out("file", ".h5");
    p.Add("layers", &layers, "Layers, for example encoder1,bottleneck,decoder1; A+B gives both as one table; behind a colon the pooling: encoder1:max");
    p.Add("pooling", &pooling, "How maps become numbers where no colon says it: mean, max, statistics (mean, deviation, maximum), masked (mean within the stored segmentation), masked-statistics (statistics within it), flatten")
      .Choices({ "mean", "max", "statistics", "masked", "masked-statistics", "flatten" });
    learning.DeclareComputing(p);
  }
  void Run(app::Context & context) override
  {
    const PatchCache cache(learning.cache);
    const auto &     d = cache.Description();
    const auto       source = ModelFile::Read(model);
    source.RequireInput(d.patch, d.channels, learning.cache.string());
    const auto patches = cache.PatchesOf(learning.Patients(cache, context));
    for (auto & layer : layers)
      if (pooling != "mean" && layer.find(':') == layer.npos)
        layer += ":" + pooling;
    const auto rows = LoadLearning().Features(cache, patches, source, layers, learning.computing, context.progress);
    FeatureFile features;
    for (const auto & [layer, values] : rows)
      features.layers[layer] = { values.size() / patches.size(), values };
    for (const auto patch : patches)
    {
      const auto & record = cache.Patches()[patch];
      features.classes.push_back(record.classIndex);
      features.cases.push_back(cache.Cases()[record.caseIndex].caseId);
      features.patients.push_back(cache.Cases()[record.caseIndex].patient);
      features.unitIds.push_back(std::to_string(patch));
    }
    features.classNames = d.classNames;
    context.provenance.inputs["model"] = features.modelHash = Sha256OfFile(model);
    features.provenance = context.provenance.ToJson();
    features.Write(output);
    std::string json;
    for (const auto & [layer, table] : features.layers)
    {
      context.Say(Concat(layer, ": ", table.width, " features of ", patches.size(), " patches"));
      json += Concat(json.empty() ? "" : ",", "\"", layer, "\":", table.width);
    }
    context.WriteNumbers(Concat("{\"schema\":\"serval-features/1\",\"patches\":", patches.size(), ",\"layers\":{", json, "}}"));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::ExtractFeatures>(argc, argv); }
