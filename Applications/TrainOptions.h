#pragma once
// What the applications that train one stage have in common: from options and a cache to a request, from a result to a model.

#include "AugmentationOptions.h"
#include "LearningOptions.h"
#include "NetworkOptions.h"
#include "OptimiserOptions.h"
#include "PlanOptions.h"
#include "serval/Training/InputContract.h"
#include "serval/Training/ProcessPlan.h"

#include <optional>
#include <string>
#include <vector>

namespace serval
{

struct TrainOptions
{
  LearningOptions       learning;
  OptimiserOptions      optimiser;
  AugmentationOptions   augmentation;
  IntensityOptions      intensity;
  PlanOptions           transfer;
  LossOptions           loss;
  ArchitectureOptions   architecture;
  std::filesystem::path output;
  std::string           network; ///< of a stage from scratch

  void DeclareFiles(app::Parameters & p)
  {
    learning.DeclareInput(p);
    p.Add("output", &output, "Model to write").Out("file", ".safetensors");
  }
  void DeclareStage(app::Parameters & p)
  {
    transfer.Declare(p);
    p.Group("Network (from scratch)");
    p.Add("network", &network, "One of " + Join(NetworkNames(), ", "));
    architecture.Declare(p);
    optimiser.Declare(p);
    augmentation.Declare(p);
    p.Group("Input");
    intensity.Declare(p);
    loss.DeclareEntropy(p);
  }

  /// All but the task and its heads; `from` must outlive the request.
  TrainRequest Request(const PatchCache & cache, const std::vector<std::string> & patients, const std::optional<ModelFile> & from) const
  {
    const auto & d = cache.Description();
    TrainRequest request;
    optimiser.Fill(request, cache, patients, output);
    request.plan = transfer.plan;
    request.augmentation = augmentation.Plan();
    request.loss = loss.Plan();
    request.computing = learning.computing;
    request.computing.together = true;
    request.source = from ? &*from : nullptr;
    request.intensity = from ? from->intensity : intensity.OfStored(d.channels);
    request.network = from ? from->network : architecture.Named(network);
    if (!from)
    {
      request.network.dimension = d.patch.z == 1 ? 2 : 3;
      request.network.channels = request.intensity.Channels(d.channels);
    }
    return request;
  }

  /// Trains and checks what was loaded. Of several processes the first alone tells, and has something to write.
  TrainResult Train(const PatchCache & cache, const TrainRequest & request, app::Context & context) const
  {
    NoProgress quiet;
    const bool isFirst = ProcessPlan::OfEnvironment().rank == 0;
    auto       result = LoadLearning().Train(cache, request, isFirst ? context.progress : quiet);
    if (!isFirst)
      return result;
    if (result.resumedAt > 0)
      context.Say(Concat("went on after step ", result.resumedAt, ", from the checkpoint",
                         result.otherBits.empty() ? "" : "; the last bits may differ (" + result.otherBits + ")"));
    if (!result.memory.empty())
      context.Say(result.memory);
    transfer.RequireLoaded(result);
    return result;
  }

  /// Fills in what follows from request and result, writes the model and tells how it went.
  void Finish(ModelFile & model, const PatchCache & cache, const TrainRequest & request, TrainResult result, std::size_t patients, app::Context & context) const
  {
    model.network = request.network;
    model.intensity = request.intensity;
    model.patch = cache.Description().patch;
    model.extraction = cache.Description().parameters;
    model.contract = InputContract::Of(cache, request.patches).ToJson();
    context.provenance.parameters["computed"] = Concat(result.device, ", ", result.precision, ", ", result.threads, " threads, ", result.processor, result.processes > 1 ? Concat(", ", result.processes, " processes") : std::string());
    model.provenance = context.provenance.ToJson();
    model.arrays = std::move(result.arrays);
    model.Write(output);
    if (!optimiser.lastModel.empty())
    {
      model.arrays = std::move(result.lastArrays);
      model.Write(optimiser.lastModel);
    }
    optimiser.Report(context, result, request.patches.size(), patients);
  }
};

} // namespace serval
