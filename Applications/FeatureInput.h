#pragma once
// Features of one network, or of several side by side, with the networks they come from.

#include "FeatureChoice.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Lineage.h"
#include "serval/Network/LabelMark.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace serval
{

/// The files of --features and --model, pair by pair.
struct FeatureInput
{
  std::vector<std::filesystem::path> features, models;

  void Declare(app::Parameters & p)
  {
    p.Add("features", &features, "Features (HDF5) of extract-features; several of the same patches are joined to one table").In("file", ".h5");
    p.Add("model", &models, "Model the features were extracted with; as many as --features, in the same order").In("file", ".safetensors");
  }

  /// One table, in which the layers of the second network are named 2/LAYER, of patients in the list `patients`, or of all where there is none.
  FeatureFile Read(const std::filesystem::path & patients) const
  {
    Require(features.size() == models.size(), Fault::Usage, features.size(), " file(s) of --features and ", models.size(), " of --model are given; one model for each is expected, in the same order");
    auto joined = ReadOne(0);
    if (features.size() > 1)
      joined = OfPatients(std::move(joined), patients);
    for (std::size_t n = 1; n < features.size(); ++n)
      Join(joined, OfPatients(ReadOne(n), patients), n);
    return joined;
  }

  /// The first network with the others beside it, and the lineages of all.
  ModelFile Networks(app::Context & context) const
  {
    auto model = ModelFile::Read(models.front());
    KeepLabelMark(model, context.provenance);
    model.further.clear();
    for (std::size_t n = 1; n < models.size(); ++n)
    {
      auto other = ModelFile::Read(models[n]);
      RequireSameInput(model, other, n);
      KeepLabelMark(other, context.provenance);
      model.lineage = Together(model.lineage, other.lineage);
      model.further.push_back({ std::move(other.network), std::move(other.intensity), std::move(other.arrays) });
      std::erase_if(model.further.back().arrays, [](const auto & entry) { return entry.first.starts_with("classical."); });
    }
    model.provenance = context.provenance.ToJson(); // with the mark of any of them
    return model;
  }

  /// All layers, network by network.
  static std::vector<std::string> LayersOf(const ModelFile & model)
  {
    auto layers = model.network.Layers();
    for (std::size_t n = 0; n < model.further.size(); ++n)
      for (const auto & layer : model.further[n].network.Layers())
        layers.push_back(NetworkLayer{ n + 1, layer }.ToText());
    return layers;
  }

private:
  FeatureFile ReadOne(std::size_t n) const
  {
    auto       read = FeatureFile::Read(features[n]);
    const auto hash = Sha256OfFile(models[n]);
    Require(hash == read.modelHash, Fault::Input, "the features in '", features[n].string(), "' come from the model ", read.modelHash, ", but '", models[n].string(), "' is ", hash,
            "; extract them again with this model");
    return read;
  }

  // What makes a row of two files the same patch.
  static std::tuple<std::string, std::string, std::string, int> PatchOf(const FeatureFile & file, std::size_t row)
  {
    return { file.patients[row], file.cases[row], file.unitIds[row], file.classes[row] };
  }

  void Join(FeatureFile & joined, const FeatureFile & other, std::size_t n) const
  {
    std::map<std::tuple<std::string, std::string, std::string, int>, std::size_t> rowOf;
    for (std::size_t row = 0; row < other.Rows(); ++row)
      rowOf[PatchOf(other, row)] = row;
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < joined.Rows(); ++row)
      if (const auto found = rowOf.find(PatchOf(joined, row)); found != rowOf.end())
        rows.push_back(found->second);
    Require(rows.size() == joined.Rows() && rows.size() == other.Rows() && joined.classNames == other.classNames, Fault::Input, "the features in '", features.front().string(), "' and '",
            features[n].string(), "' are of different patches: of ", joined.Rows(), " and ", other.Rows(), " rows, ", rows.size(),
            " are of the same patch and class; extract both from one cache");
    for (const auto & [name, layer] : other.layers)
      joined.layers[NetworkLayer{ n, name }.ToText()] = Chosen(layer, rows);
  }

  void RequireSameInput(const ModelFile & first, const ModelFile & other, std::size_t n) const
  {
    const auto channels = [](const ModelFile & model) { return model.network.channels / model.intensity.Channels(1); };
    Require(first.patch == other.patch && channels(first) == channels(other), Fault::Input, "'", models.front().string(), "' takes patches of ", ToText(first.patch), " voxels and ", channels(first),
            " channel(s), but '", models[n].string(), "' takes ", ToText(other.patch), " and ", channels(other), "; networks side by side see the same patches");
  }

  static std::string Together(const std::string & one, const std::string & other)
  {
    auto lineage = Lineage::FromJson(one);
    lineage.Add(Lineage::FromJson(other));
    return lineage.ToJson();
  }
};

} // namespace serval
