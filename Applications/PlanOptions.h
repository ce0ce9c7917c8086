#pragma once
// The options of a transfer: where layers come from, which of them learn, and how fast.

#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Network/LabelMark.h"
#include "serval/Network/PlanTable.h"
#include "serval/Training/Learning.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace serval
{

struct PlanOptions
{
  std::filesystem::path    source;
  TransferPlan             plan;
  std::vector<std::string> rates;
  double                   minimumLoaded = 0.5;
  bool                     dryRun = false;

  void Declare(app::Parameters & p)
  {
    p.Group("Transfer");
    p.Add("source", &source, "Model to start from; scratch when left out").In("file", ".safetensors").Optional();
    p.Add("freeze", &plan.freeze, "Layers held fixed: none, all, upto:LAYER, from:LAYER (trained from it on), only:LAYER,LAYER (trained), keep-first:N");
    p.Add("reset", &plan.reset, "Layers that start anew; keep-first:N: all but the first N; all");
    p.Add("rates", &rates, "Factors of the learning rate by layer, GLOB:FACTOR, as encoder*:0.1,decoder?:0.5; the first that fits decides");
    p.Add("biasFactor", &plan.biasFactor, "Factor of the learning rate of biases; other than 1, they get no weight decay").Range(0, 1000);
    p.Add("layerDecay", &plan.layerDecay, "Further factor for each layer that lies one nearer to the input").Range(0, 1);
    p.Add("warmUp", &plan.warmUpSteps, "Steps in which the new layers alone are trained").Range(0, 10000000);
    p.Add("unfreezeEvery", &plan.unfreezeEvery, "Steps after which one more layer, from the last to the first, is trained; 0: all at once").Range(0, 10000000);
    p.Add("onlyStatistics", &plan.onlyStatistics, "Loaded arrays keep only their mean and deviation, drawn anew: a control");
    p.Add("minimumLoaded", &minimumLoaded, "Least share of the parameters that must come from the source").Range(0, 1);
    p.Add("dryRun", &dryRun, "Only print the plan layer by layer: source, training, learning rates");
  }

  /// The source, when there is one; its patches may have another size where its layers allow it.
  std::optional<ModelFile> Source(const PatchCache & cache, const std::filesystem::path & folder, app::Context & context)
  {
    plan.rates = TransferPlan::RatesFrom(rates);
    if (source.empty())
      return {};
    auto from = ModelFile::Read(source);
    from.RequireChannels(cache.Description().patch, cache.Description().channels, folder.string());
    context.provenance.inputs["source"] = Sha256OfFile(source);
    KeepLabelMark(from, context.provenance);
    return from;
  }

  /// Prints the plan where asked to; whether that is all. A wrong plan ends here, before tensors are loaded.
  bool IsOnlyShown(app::Context & context, const TrainRequest & request, const Extent & input) const
  {
    const auto table = PlanTable(request.network, input, request.source, plan);
    if (!dryRun)
      return false;
    context.Say(ToText(table) + "nothing was trained");
    context.WriteNumbers(Concat("{\"schema\":\"serval-plan/1\",\"network\":", request.network.ToJson(), ",\"layers\":", ToJson(table), "}"));
    return true;
  }

  void RequireLoaded(const TrainResult & result) const
  {
    Require(!result.load || result.load->share >= minimumLoaded, Fault::Input, "the source does not fit: ", result.load ? result.load->ToText() : "",
            "; --minimumLoaded ", minimumLoaded, " asks for more");
  }
};

struct LossOptions
{
  LossPlan    plan;
  std::string overlap = "dice";

  void DeclareEntropy(app::Parameters & p)
  {
    p.Group("Loss");
    p.Add("classWeights", &plan.classWeights, "Weight of each class; all 1 when left out").Range(0, 1e9);
    p.Add("focal", &plan.focal, "Exponent of the focal loss; 0: cross-entropy").Range(0, 20);
    p.Add("labelSmoothing", &plan.labelSmoothing, "Share of a label that is spread over all classes").Range(0, 0.99);
    p.Add("auxiliary", &plan.auxiliary, "Weight of each further head on an inner layer").Range(0, 100);
  }
  void DeclareOverlap(app::Parameters & p)
  {
    p.Add("overlap", &overlap, "Overlap term beside the entropy, of segmentations").Choices({ "none", "dice", "generalised-dice", "tversky" });
    p.Add("tversky", &plan.tversky, "Weight of false positives in the Tversky term; false negatives get the rest").Range(0.001, 0.999);
    p.Add("ignoreLabel", &plan.ignoreLabel, "Label whose voxels teach nothing; -1: none").Range(-1, 255);
  }
  void DeclareDistillation(app::Parameters & p)
  {
    p.Add("distillation", &plan.distillation, "Weight of the teachers' answers against the labels").Range(0, 1);
    p.Add("temperature", &plan.temperature, "Softness of the teachers' and the student's answers").Range(0.01, 1000);
  }
  LossPlan Plan() const
  {
    LossPlan result = plan;
    result.overlap = LossPlan::OverlapFrom(overlap);
    return result;
  }
};

} // namespace serval
