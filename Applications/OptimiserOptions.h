#pragma once
// The options of the optimisation of one stage: steps, rates, the choice of the best, and what is told meanwhile.

#include "IntensityOptions.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Lineage.h"
#include "serval/Training/EventFile.h"
#include "serval/Training/Learning.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace serval
{

struct OptimiserOptions
{
  std::filesystem::path curve, events, validation, lastModel;
  int                   steps = 150, batch = 24, parts = 0;
  double                learningRate = 4e-3, weightDecay = 1e-4, checkpointSeconds = 60;
  std::uint64_t         seed = 1;
  OptimiserPlan         plan;
  std::string           method = "adamw", schedule = "cosine", metric = "loss", kept = "best";

  void Declare(app::Parameters & p)
  {
    p.Group("Optimisation");
    p.Add("steps", &steps, "Optimiser steps").Range(1, 10000000);
    p.Add("batch", &batch, "Patches a batch").Range(2, 65536);
    p.Add("parts", &parts, "Equal parts in which a batch is computed, to save memory; 0: one, on a GPU as few as its memory allows").Range(0, 65536);
    p.Add("accumulate", &plan.accumulation, "Batches whose mean gradient makes one step").Range(1, 65536);
    p.Add("optimiser", &method, "How gradients make steps").Choices({ "adamw", "adam", "nadam", "sgd", "nesterov" });
    p.Add("learningRate", &learningRate, "Full learning rate").Range(0, 10);
    p.Add("weightDecay", &weightDecay, "Weight decay; decoupled with adamw").Range(0, 10);
    p.Add("momentum", &plan.momentum, "Of sgd and nesterov").Range(0, 0.9999);
    p.Add("schedule", &schedule, "Course of the learning rate: half a cosine to a thousandth, constant, step (times --scheduleFactor every --scheduleEvery epochs), exponential (each epoch), "
                                 "polynomial, plateau (when so many evaluations did not improve)")
      .Choices({ "cosine", "constant", "step", "exponential", "polynomial", "plateau" });
    p.Add("scheduleFactor", &plan.factor, "Of step, exponential and plateau").Range(1e-6, 1);
    p.Add("scheduleEvery", &plan.every, "Epochs of step, evaluations of plateau").Range(1, 1000000);
    p.Add("power", &plan.power, "Of polynomial").Range(1e-3, 100);
    p.Add("rampUp", &plan.rampUp, "First steps in which the learning rate rises linearly").Range(0, 10000000);
    p.Add("clipNorm", &plan.clipNorm, "Largest norm of the gradient; 0 never clips").Range(0, 1e9);
    p.Add("averaging", &plan.averaging, "Decay of the moving average of all arrays, which is evaluated and kept; 0: none").Range(0, 0.999999);
    p.AddSeed(&seed);
    p.Group("Validation and records");
    p.Add("validation", &validation, "Text file with patients, one a line, that are not trained on but choose the best step and end training").In("file", ".txt").Optional();
    p.Add("evaluateEvery", &plan.evaluateEvery, "Steps from one evaluation to the next; 0: once an epoch").Range(0, 10000000);
    p.Add("metric", &metric, "What evaluations look at: the loss, or the share of right patches or voxels").Choices({ "loss", "accuracy" });
    p.Add("patience", &plan.patience, "Evaluations in a row without an improvement after which training ends; 0: never").Range(0, 1000000);
    p.Add("kept", &kept, "Model written with --validation: of the best evaluation, or the last").Choices({ "best", "last" });
    p.Add("lastModel", &lastModel, "Where the last model is written when the best is the output").Out("file", ".safetensors").Optional();
    p.Add("curve", &curve, "Table of the training curve, written anew at each of its points").Out("file", ".csv").Optional();
    p.Add("events", &events, "Folder for the curve as an event file, for TensorBoard").Out("directory").Optional();
    p.Add("checkpointSeconds", &checkpointSeconds, "Seconds from one checkpoint beside the output to the next; started again, training goes on from it").Range(0, 1e9);
  }

  /// Moves the validation patients' patches out of the training's; Fault::Input when none are left on a side.
  void Fill(TrainRequest & request, const PatchCache & cache, const std::vector<std::string> & patients, const std::filesystem::path & output) const
  {
    request.steps = steps;
    request.batch = batch;
    request.parts = parts;
    request.learningRate = learningRate;
    request.weightDecay = weightDecay;
    request.seed = seed;
    request.optimiser = plan;
    request.optimiser.method = OptimiserPlan::MethodFrom(method);
    request.optimiser.schedule = OptimiserPlan::ScheduleFrom(schedule);
    request.optimiser.metric = OptimiserPlan::MetricFrom(metric);
    request.optimiser.keepsBest = kept == "best";
    request.checkpoint = output.string() + ".checkpoint";
    request.checkpointSeconds = checkpointSeconds;
    std::vector<std::string> trained = patients, held = validation.empty() ? std::vector<std::string>{} : ReadPatientList(validation, patients);
    std::erase_if(trained, [&](const std::string & one) { return std::find(held.begin(), held.end(), one) != held.end(); });
    Require(!trained.empty(), Fault::Input, "--validation names all ", patients.size(), " patients; none is left to train on");
    request.patches = cache.PatchesOf(trained);
    request.validation = held.empty() ? std::vector<std::size_t>{} : cache.PatchesOf(held);
    request.optimiser.Check(!held.empty());
    Require(lastModel.empty() || (!held.empty() && kept == "best"), Fault::Usage, "--lastModel needs --validation and --kept best");
    request.onCurve = Recorder();
  }

  /// Says how it went, gives the numbers.
  void Report(app::Context & context, const TrainResult & result, std::size_t patches, std::size_t patients) const
  {
    if (!curve.empty())
      WriteCurve(curve, result.curve);
    if (result.load)
      context.Say(result.load->ToText());
    const auto & last = result.curve.back();
    context.Say(Concat(result.lastStep, " steps on ", Counted(patches, "patch"), " of ", Counted(patients, "patient"), " (", result.device, ", ", result.precision, ", ",
                       FormatFixed(result.seconds, 1), " s): loss ", FormatFixed(last.loss, 4), ", accuracy ", FormatFixed(last.accuracy, 3)));
    if (result.bestStep > 0)
      context.Say(Concat("best ", metric, " of the validation patients after step ", result.bestStep, kept == "best" ? ", which is kept" : "; the last is kept"));
    context.WriteNumbers(Concat("{\"schema\":\"serval-training/1\",\"steps\":", result.lastStep, ",\"patches\":", patches, ",\"patients\":", patients,
                                ",\"loss\":", FormatNumber(last.loss), ",\"accuracy\":", FormatNumber(last.accuracy), ",\"bestStep\":", result.bestStep, ",\"loadedShare\":",
                                FormatNumber(result.load ? result.load->share : 0), ",\"seconds\":", FormatNumber(result.seconds), ",\"device\":\"",
                                result.device, "\",\"precision\":\"", result.precision, "\"}"));
  }

private:
  static std::string Shown(double number) { return std::isfinite(number) ? FormatNumber(number) : std::string(); }

  static void WriteCurve(const std::filesystem::path & file, const std::vector<CurvePoint> & points)
  {
    Table table({ "step", "loss", "accuracy", "learning_rate", "validation_loss", "validation_accuracy" });
    for (const auto & p : points)
      table.AddRow({ std::to_string(p.step), Shown(p.loss), Shown(p.accuracy), Shown(p.rate), Shown(p.validationLoss), Shown(p.validationAccuracy) });
    table.Write(file);
  }

  // A run that goes on from a checkpoint tells the whole curve again in a new event file.
  std::function<void(const std::vector<CurvePoint> &)> Recorder() const
  {
    if (curve.empty() && events.empty())
      return {};
    std::shared_ptr<EventFile> file;
    std::size_t                told = 0;
    return [=, this](const std::vector<CurvePoint> & points) mutable {
      if (!curve.empty())
        WriteCurve(curve, points);
      if (!events.empty() && !file)
        file = std::make_shared<EventFile>(events);
      for (; file && told < points.size(); ++told)
        for (const auto & [tag, value] : { std::pair("loss/train", points[told].loss), std::pair("accuracy/train", points[told].accuracy),
                                           std::pair("learning_rate", points[told].rate), std::pair("loss/validation", points[told].validationLoss),
                                           std::pair("accuracy/validation", points[told].validationAccuracy) })
          if (std::isfinite(value))
            file->Add(tag, points[told].step, value);
    };
  }
};

} // namespace serval
