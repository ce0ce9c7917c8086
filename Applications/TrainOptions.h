#pragma once
// What the applications that train one stage have in common: from options and a cache to a request, from a result to a model.

#include "LearningOptions.h"
#include "NetworkOptions.h"
#include "PlanOptions.h"

#include <optional>
#include <string>
#include <vector>

namespace serval
{

struct TrainOptions
{
  LearningOptions       learning;
  StageOptions          stage;
  PlanOptions           transfer;
  LossOptions           loss;
  ArchitectureOptions   architecture;
  std::filesystem::path output;
  std::string           network; ///< of a stage from scratch
  double                checkpointSeconds = 60;

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
    stage.Declare(p);
    p.Add("checkpointSeconds", &checkpointSeconds, "Seconds from one checkpoint beside the output to the next; started again, training goes on from it").Range(0, 1e9);
    loss.DeclareEntropy(p);
  }

  /// All but the task and its heads; `from` must outlive the request.
  TrainRequest Request(const PatchCache & cache, const std::vector<std::string> & patients, const std::optional<ModelFile> & from) const
  {
    const auto & d = cache.Description();
    TrainRequest request;
    stage.Fill(request);
    request.plan = transfer.plan;
    request.loss = loss.Plan();
    request.patches = cache.PatchesOf(patients);
    request.computing = learning.computing;
    request.checkpoint = output.string() + ".checkpoint";
    request.checkpointSeconds = checkpointSeconds;
    request.source = from ? &*from : nullptr;
    request.intensity = from ? from->intensity : stage.intensity.OfStored(d.channels);
    request.network = from ? from->network : architecture.Named(network);
    if (!from)
    {
      request.network.dimension = d.patch.z == 1 ? 2 : 3;
      request.network.channels = request.intensity.Channels(d.channels);
    }
    return request;
  }

  /// Trains and checks what was loaded.
  TrainResult Train(const PatchCache & cache, const TrainRequest & request, app::Context & context) const
  {
    auto result = LoadLearning().Train(cache, request, context.progress);
    if (result.resumedAt > 0)
      context.Say(Concat("went on after step ", result.resumedAt, ", from the checkpoint",
                         result.sameThreads ? "" : "; it was made with another number of threads, so that the last bits may differ"));
    transfer.RequireLoaded(result);
    return result;
  }

  /// Fills in what follows from request and result, writes the model and tells how it went.
  void Finish(ModelFile & model, const PatchCache & cache, const TrainRequest & request, TrainResult result, std::size_t patients, app::Context & context) const
  {
    model.network = request.network;
    model.intensity = request.intensity;
    model.patch = cache.Description().patch;
    model.provenance = context.provenance.ToJson();
    model.arrays = std::move(result.arrays);
    model.Write(output);
    stage.Report(context, result, request.patches.size(), patients);
  }
};

} // namespace serval
