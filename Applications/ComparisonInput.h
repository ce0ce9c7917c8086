#pragma once

#include "FeatureRows.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Table.h"
#include "serval/Similarity/Comparison.h"

#include <map>

namespace serval
{

/// The feature files of compare-datasets, and the source networks' predictions beside them.
struct ComparisonInput
{
  std::vector<std::filesystem::path> features, sourcePredictions;
  std::vector<std::string>           names, layers;
  int                                rows = 1000;
  bool                               standardise = false;

  void Declare(app::Parameters & p)
  {
    p.Add("features", &features, "Features (HDF5) of extract-features; repeat the option for each data set or network").In("file", ".h5");
    p.Add("names", &names, "Their names, in their order; file names when left out");
    p.Add("layers", &layers, "Layers whose features are joined in this order; the only one of the file when left out");
    p.Add("sourcePredictions", &sourcePredictions,
          "Predictions (CSV) of the source's classes for the target's rows, one for each network in their order; for leep and nce").In("file", ".csv").Optional();
    p.Add("rows", &rows, "Rows taken of each, evenly spaced").Range(10, 100000);
    p.Add("standardise", &standardise, "Data sets: columns get the mean 0 and deviation 1 that they have in all together");
  }

  std::vector<NamedSample> Read(bool isNetworks) const
  {
    Require(!features.empty(), Fault::Usage, "--features is missing; name the feature files to compare");
    Require(names.empty() || names.size() == features.size(), Fault::Usage, names.size(), " names for ", features.size(), " feature files");
    Require(sourcePredictions.empty() || (isNetworks && sourcePredictions.size() == features.size()), Fault::Usage, "--sourcePredictions is given ",
            sourcePredictions.size(), " time(s); one for each of the ", features.size(), " networks is expected, and none for data sets");
    Require(!(isNetworks && standardise), Fault::Usage, "--standardise is for data sets; networks have columns of their own");
    std::vector<NamedSample> samples;
    std::string              modelHash;
    for (std::size_t i = 0; i < features.size(); ++i)
    {
      const auto read = FeatureFile::Read(features[i]);
      Require(isNetworks || modelHash.empty() || read.modelHash == modelHash, Fault::Input, "'", features[i].string(),
              "' has features of another network than '", features[0].string(), "'; extract all with one model, or use --compare networks");
      modelHash = read.modelHash;
      samples.push_back(SampleOf(read, i));
      for (std::size_t j = 0; j < i; ++j)
        Require(samples[j].name != samples[i].name, Fault::Usage, "two feature files are called '", samples[i].name, "'; give them different --names");
    }
    if (standardise)
      StandardiseTogether(samples);
    return samples;
  }

private:
  NamedSample SampleOf(const FeatureFile & read, std::size_t number) const
  {
    std::vector<std::string> known;
    for (const auto & [name, layer] : read.layers)
      known.push_back(name);
    Require(!layers.empty() || known.size() == 1, Fault::Usage, "'", features[number].string(), "' has the layers ", Join(known, ", "),
            "; name those to compare with --layers");
    const auto joined = JoinLayers(read, ChooseLayers(read, features[number], known, layers), { read.patients.begin(), read.patients.end() });
    Require(joined.table.Rows() >= 2, Fault::Input, "'", features[number].string(), "' has ", joined.table.Rows(), " labelled row(s); at least 2 are needed");
    NamedSample named;
    named.name = names.empty() ? features[number].stem().string() : names[number];
    const LabelledSample whole{ { joined.table.columns, joined.table.values, joined.table.groups }, joined.table.classes };
    named.sample = Thin(whole, static_cast<std::size_t>(rows));
    const std::size_t count = named.sample.Rows();
    for (std::size_t i = 0; i < count; ++i)
    {
      const auto row = joined.rows[i * whole.Rows() / count]; // as Thin takes them
      named.identities.push_back(read.cases[row] + "/" + read.unitIds[row]);
    }
    if (!sourcePredictions.empty())
      AddProbabilities(named, sourcePredictions[number]);
    return named;
  }

  static void AddProbabilities(NamedSample & named, const std::filesystem::path & file)
  {
    const auto                         table = Table::Read(file);
    std::vector<std::string>           classes;
    std::map<std::string, std::size_t> rowOf;
    for (const auto & column : table.Columns())
      if (column.starts_with("p_"))
        classes.push_back(column);
    Require(!classes.empty(), Fault::Input, "'", file.string(), "' has no column p_<class>; predictions of the source network are expected");
    for (std::size_t row = 0; row < table.Rows(); ++row)
      rowOf[table.At(row, "case") + "/" + table.At(row, "unit_id")] = row;
    named.sourceClasses = classes.size();
    for (const auto & identity : named.identities)
    {
      const auto found = rowOf.find(identity);
      Require(found != rowOf.end(), Fault::Input, "'", file.string(), "' lacks the prediction of one of the ", named.identities.size(),
              " rows of '", named.name, "'; predict the same patches of the same cache");
      for (const auto & column : classes)
        named.sourceProbabilities.push_back(static_cast<float>(table.Number(found->second, column)));
    }
  }
};

} // namespace serval
