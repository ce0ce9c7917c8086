#include "IntensityOptions.h"
#include "NetworkOptions.h"
#include "serval/Core/Hash.h"
#include "serval/Dataset/Lineage.h"
#include "serval/Network/ModelFile.h"
#include "serval/Network/TorchFile.h"
#include "serval/Network/WeightImport.h"

#include <nlohmann/json.hpp>

namespace serval
{
namespace
{

struct ImportWeights final : app::Application
{
  std::filesystem::path input, output, nameMap;
  std::string           network;
  double                minimumShare = 0.5;
  bool                  keepChannels = false, noInflation = false;
  IntensityOptions      intensity;
  NetworkOptions        options;

  app::Description Describe() const override
  {
    return { "ServalImportWeights", "import-weights", "Import weights", "Serval.Learning",
             "Makes a model of a PyTorch weight file (.pth, .pt, .th; zip, legacy or TorchScript) without executing "
             "anything in it, and reports what was loaded, resized, skipped and missing." };
  }

  void Declare(app::Parameters & p) override
  {
    p.Add("input", &input, "Weight file of PyTorch").In("file", ".pth,.pt,.th");
    p.Add("network", &network, "Network: " + Join(NetworkNames(), ", ")).Required();
    p.Add("output", &output, "Model").Out("file", ".safetensors");
    p.Add("nameMap", &nameMap, "Rules PATTERN -> REPLACEMENT, one a line, from the file's names to ours; known for torchvision's networks").In("file", ".txt").Optional();
    p.Group("Fitting");
    p.Add("minimumShare", &minimumShare, "Least share of the network's parameters that must come from the file").Range(0, 1);
    p.Add("keepChannels", &keepChannels, "Do not adapt the first convolution to another number of channels");
    p.Add("noInflation", &noInflation, "Do not inflate 2D kernels to 3D");
    intensity.Declare(p);
    options.Declare(p);
  }

  void Run(app::Context & context) override
  {
    const NetworkSpec spec = options.Named(network);
    const Extent      size = options.Input(spec.dimension, PublishedInput(spec));
    context.provenance.inputs["weights"] = Sha256OfFile(input);
    context.progress.Report(0.1, "Reading the weight file");
    const auto rules = nameMap.empty() ? KnownNameMap(network) : ReadNameMap(nameMap);
    const auto source = Renamed(TorchFile::Read(input).arrays, rules);
    auto       fitted = FitWeights(source, spec, size, { !keepChannels, !noInflation });
    context.Say(fitted.report.ToText());
    Tell(context, fitted.report);
    Require(fitted.report.share >= minimumShare, Fault::Input, "only ", FormatFixed(100 * fitted.report.share, 1), " % of the parameters of ",
            network, " come from '", input.string(), "'; at least ", FormatFixed(100 * minimumShare, 1),
            " % are asked for (--minimumShare). Is it the right network, does it need a --nameMap?");
    ModelFile model;
    model.network = spec;
    model.patch = size;
    model.intensity = intensity.OfInput(spec.channels);
    model.inferenceSampler = "grid";
    model.lineage = Lineage().ToJson(); // public weights know no patient of this site
    model.provenance = context.provenance.ToJson();
    model.arrays = std::move(fitted.arrays);
    model.Write(output);
  }

private:
  void Tell(const app::Context & context, const LoadReport & report) const
  {
    nlohmann::json arrays = nlohmann::json::object();
    for (const auto & [name, fate] : report.arrays)
    {
      arrays[name] = fate;
      if (fate != "loaded")
        context.Say(Concat("  ", fate, ": ", name));
    }
    context.WriteNumbers(nlohmann::json{ { "schema", "serval-weight-import/1" }, { "share", report.share }, { "arrays", arrays } }.dump(2));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::ImportWeights>(argc, argv); }
