#include "LearningOptions.h"
#include "VolumeSaliency.h"
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
  VolumeSaliency        volume;
  std::filesystem::path model, output;
  std::string           method = "grad-cam", className;
  std::vector<double>   box;
  std::vector<int>      patches;
  int                   count = 16;
  std::uint64_t         seed = 1;

  app::Description Describe() const override
  {
    return { "ServalMapSaliency", "map-saliency", "Map saliency", "Serval.Learning",
             "Shows on which voxels a classifier's answers rest: maps on the grid of each patch of a cache as NRRD images, or the map of one "
             "place in a volume; each is compared with the map of the same network with random weights." };
  }
  void Declare(app::Parameters & p) override
  {
    learning.DeclareInput(p);
    for (auto & one : p.All())
      if (one.name == "cache")
        one.Optional();
    p.Add("model", &model, "Classifier").In("file", ".safetensors");
    p.Add("output", &output, "Of a cache: folder for the maps, their patches and saliency.csv").Out("directory").Optional();
    volume.Declare(p);
    p.Add("method", &method, "grad-cam: a layer's maps weighted by their gradient; integrated-gradients: gradients from an empty patch on; "
                             "guided-backpropagation: gradients that speak for the class all the way, sharp but often little changed by random weights; occlusion: what is lost where a box hides the patch")
      .Choices({ "grad-cam", "integrated-gradients", "guided-backpropagation", "occlusion" });
    p.Add("layer", &request.layer, "Of grad-cam; the last layer before the classifier whose maps have space when left out");
    p.Add("className", &className, "Class that is explained; each patch's most probable one when left out");
    p.Add("steps", &request.steps, "Of integrated-gradients").Range(1, 100000);
    p.Add("box", &box, "Edges x,y,z in mm of the occluding box; a quarter of the patch when left out").Range(1e-3, 1e5);
    p.Add("count", &count, "Patches, drawn by the seed").Range(1, 1000000);
    p.Add("patches", &patches, "Numbers of the patches in the cache, instead of drawn ones; render-patches prints those that it shows").Range(0, 1e9);
    p.AddSeed(&seed);
    volume.DeclareFurther(p);
    learning.DeclareComputing(p);
  }
  void Run(app::Context & context) override
  {
    Require(volume.input.empty() != learning.cache.empty(), Fault::Usage, "name a volume (--input) or a patch cache (--cache)");
    volume.input.empty() ? Require(!output.empty(), Fault::Usage, "--cache needs --output, a folder for the maps") : volume.Check();
    const auto read = ModelFile::Read(model);
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
    volume.input.empty() ? RunCache(context, read) : RunVolume(context, read);
  }

private:
  void RunVolume(app::Context & context, const ModelFile & read) const
  {
    const auto place = volume.Run(read, request, learning.computing, method, context.progress);
    for (const auto & warning : place.warnings)
      context.Say("warning: " + warning);
    const auto & found = place.found;
    context.Say(Concat(read.classNames[static_cast<std::size_t>(found.classIndex)], ", probability ", FormatFixed(found.probability, 3), "; rank correlation with the map of random weights ",
                       FormatFixed(found.randomised, 3), found.randomised > 0.5 ? ": high, the map shows little of what was learned" : ""));
    context.WriteNumbers(nlohmann::json{ { "schema", "serval-saliency/1" }, { "method", method }, { "maps", 1 }, { "randomised", found.randomised }, { "completeness", found.completeness },
                                         { "class", read.classNames[static_cast<std::size_t>(found.classIndex)] }, { "probability", found.probability },
                                         { "provenance", nlohmann::json::parse(context.provenance.ToJson()) } }.dump());
  }

  void RunCache(app::Context & context, const ModelFile & read) const
  {
    const PatchCache cache(learning.cache);
    read.RequireInput(cache.Description().patch, cache.Description().channels, learning.cache.string());
    const auto chosen = ChosenPatches(cache, context);
    const auto maps = LoadLearning().Saliency(cache, chosen, read, request, learning.computing, context.progress);
    Write(context, cache, read, chosen, maps);
  }

  std::vector<std::size_t> ChosenPatches(const PatchCache & cache, app::Context & context) const
  {
    std::vector<std::size_t> chosen;
    const auto               all = cache.PatchesOf(learning.Patients(cache, context));
    for (const int patch : patches)
    {
      Require(std::binary_search(all.begin(), all.end(), static_cast<std::size_t>(patch)), Fault::Usage, "--patches names ", patch, ", which is no patch of ", all.size() == cache.Patches().size() ? "the cache" : "these patients",
              "; it has ", cache.Patches().size(), ", the first is 0");
      chosen.push_back(static_cast<std::size_t>(patch));
    }
    std::mt19937_64 random(seed);
    if (patches.empty())
      std::sample(all.begin(), all.end(), std::back_inserter(chosen), count, random);
    return chosen;
  }

  void Write(app::Context & context, const PatchCache & cache, const ModelFile & read, const std::vector<std::size_t> & chosen,
             const std::vector<SaliencyMap> & maps) const
  {
    std::filesystem::create_directories(output);
    Table  table({ "map", "image", "patch", "case", "patient", "truth", "class", "probability", "randomised" });
    double randomised = 0, completeness = 0;
    for (std::size_t i = 0; i < maps.size(); ++i)
    {
      const auto & record = cache.Patches()[chosen[i]];
      const auto & from = cache.Cases()[record.caseIndex];
      const auto   name = Concat("patch-", chosen[i]);
      const auto   raw = cache.ReadRaw(chosen[i]);
      const auto   channel = raw.size() / static_cast<std::size_t>(cache.Description().channels);
      WriteNrrd(output / (name + "-saliency.nrrd"), record.geometry, PixelType::Float32, std::as_bytes(std::span(maps[i].values)));
      WriteNrrd(output / (name + "-image.nrrd"), record.geometry, cache.TypeOf(chosen[i]), std::span(raw).first(channel));
      table.AddRow({ name + "-saliency.nrrd", name + "-image.nrrd", std::to_string(chosen[i]), from.caseId, from.patient,
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
