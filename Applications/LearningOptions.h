#pragma once
// What the applications that load libservalLearning have in common.

#include "IntensityOptions.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Lineage.h"
#include "serval/Training/Learning.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

/// Which patients of a cache take part, where tensors are computed, under which key the lineage is kept.
struct LearningOptions
{
  std::filesystem::path cache, patients, key;
  Computing             computing;

  void DeclareInput(app::Parameters & p)
  {
    p.Add("cache", &cache, "Patch cache").In("directory");
    p.Add("patients", &patients, "Text file with the patients that take part, one a line; all when left out").In("file", ".txt").Optional();
  }
  void DeclareComputing(app::Parameters & p)
  {
    p.Group("Computing");
    p.AddDevice(&computing.device);
    p.Add("precision", &computing.precision, "Type of the maps; auto takes bfloat16 where the device computes it fast")
      .Choices({ "auto", "float32", "bfloat16" });
    p.Add("threads", &computing.threads, "Threads; 0 takes all cores").Range(0, 4096);
    p.Add("key", &key, "Site key file for the model's lineage; created (mode 0600) when it does not exist").Out("file", ".key").Optional();
  }

  /// The patients that take part; the cache's fingerprint and their list go into the provenance.
  std::vector<std::string> Patients(const PatchCache & opened, app::Context & context) const
  {
    context.provenance.inputs["cache"] = opened.Fingerprint();
    if (!patients.empty())
      context.provenance.inputs["patients"] = Sha256OfFile(patients);
    return patients.empty() ? opened.Patients() : ReadPatientList(patients, opened.Patients());
  }

  /// Keyed pseudonyms of the patients; empty without a key.
  std::vector<std::string> Pseudonyms(const std::vector<std::string> & of) const
  {
    std::vector<std::string> pseudonyms;
    if (key.empty())
      return pseudonyms;
    const auto site = SiteKey::OpenOrCreate(key);
    for (const auto & patient : of)
      pseudonyms.push_back(site.PseudonymOf(patient));
    return pseudonyms;
  }

  /// The lineage after these patients were used in `role`, on top of the source's.
  Lineage Extended(const std::string & sourceLineage, const std::vector<std::string> & of, Role role) const
  {
    Lineage lineage;
    if (!sourceLineage.empty())
      lineage.Add(Lineage::FromJson(sourceLineage));
    const auto pseudonyms = Pseudonyms(of);
    if (pseudonyms.empty())
      lineage.MarkIncomplete();
    for (const auto & pseudonym : pseudonyms)
      lineage.Add(pseudonym, role);
    return lineage;
  }
};

/// The optimisation of one stage.
struct StageOptions
{
  std::filesystem::path curve;
  int                   steps = 150, batch = 24;
  double                learningRate = 4e-3, weightDecay = 1e-4;
  std::uint64_t         seed = 1;
  IntensityOptions      intensity;

  void Declare(app::Parameters & p)
  {
    p.Group("Optimisation");
    p.Add("steps", &steps, "Optimiser steps").Range(1, 10000000);
    p.Add("batch", &batch, "Patches a step").Range(2, 65536);
    p.Add("learningRate", &learningRate, "First learning rate of AdamW; falls along half a cosine").Range(0, 10);
    p.Add("weightDecay", &weightDecay, "Decoupled weight decay").Range(0, 10);
    p.AddSeed(&seed);
    p.Add("curve", &curve, "Table of the training curve").Out("file", ".csv").Optional();
    p.Group("Input");
    intensity.Declare(p);
  }

  void Fill(TrainRequest & request) const
  {
    request.steps = steps;
    request.batch = batch;
    request.learningRate = learningRate;
    request.weightDecay = weightDecay;
    request.seed = seed;
  }

  /// Writes the curve, says how it went, gives the numbers.
  void Report(app::Context & context, const TrainResult & result, std::size_t patches, std::size_t patients) const
  {
    Table table({ "step", "loss", "accuracy" });
    for (const auto & point : result.curve)
      table.AddRow({ std::to_string(point.step), FormatNumber(point.loss), FormatNumber(point.accuracy) });
    if (!curve.empty())
      table.Write(curve);
    if (result.load)
      context.Say(result.load->ToText());
    const auto & last = result.curve.back();
    context.Say(Concat(steps, " steps on ", patches, " patches of ", patients, " patients (", result.device, ", ", result.precision, ", ",
                       FormatFixed(result.seconds, 1), " s): loss ", FormatFixed(last.loss, 4), ", accuracy ", FormatFixed(last.accuracy, 3)));
    context.WriteNumbers(Concat("{\"schema\":\"serval-training/1\",\"steps\":", steps, ",\"patches\":", patches, ",\"patients\":", patients,
                                ",\"loss\":", FormatNumber(last.loss), ",\"accuracy\":", FormatNumber(last.accuracy), ",\"loadedShare\":",
                                FormatNumber(result.load ? result.load->share : 0), ",\"seconds\":", FormatNumber(result.seconds), ",\"device\":\"",
                                result.device, "\",\"precision\":\"", result.precision, "\"}"));
  }
};

} // namespace serval
