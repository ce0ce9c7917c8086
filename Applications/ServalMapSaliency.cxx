#include "LearningOptions.h"
#include "serval/Cache/CacheCare.h"
#include "serval/Core/Table.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <random>

namespace serval
{
namespace
{

struct MapSaliency final : app::Application
{
  LearningOptions       learning;
  SaliencyRequest       request;
  std::filesystem::path model, output;
  std::string           method = "grad-cam", className;
  std::vector<double>   box;
  int                   count = 16;
  std::uint64_t         seed = 1;

  app::Description Describe() const override
  {
    return { "ServalMapSaliency", "map-saliency", "Map saliency", "Serval.Learning",
             "Shows on which voxels a classifier's answers rest: maps on the grid of each patch as NRRD images, each compared with the "
             "map of the same network with random weights." };
  }
  void Declare(app::Parameters & p) override
  {
    learning.DeclareInput(p);
    p.Add("model", &model, "Classifier").In("file", ".safetensors");
    p.Add("output", &output, "Folder for the maps, their patches and saliency.csv").Out("directory");
    p.Add("method", &method, "grad-cam: a layer's maps weighted by their gradient; integrated-gradients: gradients from an empty patch on; occlusion: "
                             "what is lost where a box hides the patch")
      .Choices({ "grad-cam", "integrated-gradients", "occlusion" });
    p.Add("layer", &request.layer, "Of grad-cam; the last layer before the classifier whose maps have space when left out");
    p.Add("className", &className, "Class that is explained; each patch's most probable one when left out");
    p.Add("steps", &request.steps, "Of integrated-gradients").Range(1, 100000);
    p.Add("box", &box, "Edges x,y,z in mm of the occluding box; a quarter of the patch when left out").Range(1e-3, 1e5);
    p.Add("count", &count, "Patches, drawn by the seed").Range(1, 1000000);
    p.AddSeed(&seed);
    learning.DeclareComputing(p);
  }
  void Run(app::Context & context) override
  {
    const PatchCache cache(learning.cache);
    const auto &     d = cache.Description();
    const auto       read = ModelFile::Read(model);
    read.RequireInput(d.patch, d.channels, learning.cache.string());
    Require(!read.classNames.empty() && read.classical.empty(), Fault::Input, "'", model.string(), "' is no classifying network");
    Require(box.empty() || box.size() == 3, Fault::Usage, "--box has ", box.size(), " numbers; three, x,y,z in mm, are expected");
    request.method = SaliencyRequest::MethodFrom(method);
    request.seed = seed;
    if (!box.empty())
      request.box = { box[0], box[1], box[2] };
    if (!className.empty())
    {
      const auto found = std::find(read.classNames.begin(), read.classNames.end(), className);
      Require(found != read.classNames.end(), Fault::Usage, "the model has no class '", className, "'; it has ", Join(read.classNames, ", "));
      request.classIndex = static_cast<int>(found - read.classNames.begin());
    }
    std::vector<std::size_t> patches;
    const auto               all = cache.PatchesOf(learning.Patients(cache, context));
    std::mt19937_64          random(seed);
    std::sample(all.begin(), all.end(), std::back_inserter(patches), count, random);
    const auto maps = LoadLearning().Saliency(cache, patches, read, request, learning.computing, context.progress);
    Write(context, cache, read, patches, maps);
  }

private:
  void Write(app::Context & context, const PatchCache & cache, const ModelFile & read, const std::vector<std::size_t> & patches,
             const std::vector<SaliencyMap> & maps) const
  {
    std::filesystem::create_directories(output);
    Table  table({ "map", "image", "patch", "case", "patient", "truth", "class", "probability", "randomised" });
    double randomised = 0, completeness = 0;
    for (std::size_t i = 0; i < maps.size(); ++i)
    {
      const auto & record = cache.Patches()[patches[i]];
      const auto & from = cache.Cases()[record.caseIndex];
      const auto   name = Concat("patch-", patches[i]);
      const auto   raw = cache.ReadRaw(patches[i]);
      const auto   channel = raw.size() / static_cast<std::size_t>(cache.Description().channels);
      WriteNrrd(output / (name + "-saliency.nrrd"), record.geometry, PixelType::Float32, std::as_bytes(std::span(maps[i].values)));
      WriteNrrd(output / (name + "-image.nrrd"), record.geometry, cache.TypeOf(patches[i]), std::span(raw).first(channel));
      table.AddRow({ name + "-saliency.nrrd", name + "-image.nrrd", std::to_string(patches[i]), from.caseId, from.patient,
                     record.classIndex < 0 ? "" : read.classNames[static_cast<std::size_t>(record.classIndex)],
                     read.classNames[static_cast<std::size_t>(maps[i].classIndex)], FormatNumber(maps[i].probability), FormatNumber(maps[i].randomised) });
      randomised += maps[i].randomised / double(maps.size());
      completeness += maps[i].completeness / double(maps.size());
    }
    table.Write(output / "saliency.csv");
    context.Say(Concat(maps.size(), " maps; mean rank correlation with those of random weights ", FormatFixed(randomised, 3),
                       randomised > 0.5 ? ": high, the maps show little of what was learned" : ""));
    context.WriteNumbers(nlohmann::json{ { "schema", "serval-saliency/1" }, { "method", method }, { "maps", maps.size() }, { "randomised", randomised },
                                         { "completeness", completeness }, { "provenance", nlohmann::json::parse(context.provenance.ToJson()) } }.dump());
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::MapSaliency>(argc, argv); }
