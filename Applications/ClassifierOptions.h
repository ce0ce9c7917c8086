#pragma once

#include "serval/Classical/ClassicalModel.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <utility>

namespace serval
{

/// The options of a classical classifier; lists of values make a grid to choose from.
struct ClassifierOptions
{
  std::string         kind = "svm-linear", multiclass = "usual", calibration = "temperature";
  ClassicalSpec       spec;
  std::vector<double> costs, gammas, tryComponents;
  std::vector<int>    tryNeighbours, tryFeatures;
  bool                notBalanced = false, notStandardised = false;

  void Declare(app::Parameters & p)
  {
    p.Group("Classifier");
    p.Add("classifier", &kind, "Kind of classifier").Choices(ClassicalSpec::Kinds());
    p.Add("multiclass", &multiclass, "How machines of two classes become one; usual: one-vs-one for RBF and polynomial kernels, else one-vs-rest")
      .Choices({ "usual", "one-vs-rest", "one-vs-one" });
    p.Add("calibration", &calibration, "How scores of SVMs, perceptron and nearest mean become probabilities; fitted by cross-validation of the patients")
      .Choices({ "temperature", "platt", "none" });
    p.Add("cost", &spec.cost, "Weight of the loss against the penalty").Range(1e-9, 1e9);
    p.Add("gamma", &spec.gamma, "Of the kernels exp(-gamma d^2) and (gamma x'y + offset)^degree; 0: 1 / number of features").Range(0, 1e9);
    p.Add("degree", &spec.degree, "Of the polynomial kernel").Range(1, 20);
    p.Add("offset", &spec.offset, "Of the polynomial kernel").Range(0, 1e9);
    p.Add("neighbours", &spec.neighbours, "Nearest rows that vote").Range(1, 1e9);
    p.Add("shrinkage", &spec.shrinkage, "Of the discriminant's covariance, 0 to 1; -1: Ledoit and Wolf's").Range(-1, 1);
    p.Add("trees", &spec.trees, "Of a forest").Range(1, 100000);
    p.Add("leaf", &spec.leaf, "Fewest rows of a tree's leaf").Range(1, 1e9);
    p.Add("notBalanced", &notBalanced, "Rows weigh the same; otherwise classes do");
    p.AddSeed(&spec.seed);
    p.Group("Preparation of the features, fitted on the training rows");
    p.Add("notStandardised", &notStandardised, "Features are taken as they are; otherwise with mean 0 and deviation 1");
    p.Add("components", &spec.components, "Principal components: their number, or below 1 their share of the variance; 0: none").Range(0, 1e9);
    p.Add("keepFeatures", &spec.features, "Features kept by recursive elimination with a linear SVM; 0: all").Range(0, 1e9);
    p.Group("Grid: chosen by cross-validation of the patients, the first of equally good ones");
    p.Add("costs", &costs, "In place of --cost").Range(1e-9, 1e9);
    p.Add("gammas", &gammas, "In place of --gamma").Range(0, 1e9);
    p.Add("tryNeighbours", &tryNeighbours, "In place of --neighbours").Range(1, 1e9);
    p.Add("tryComponents", &tryComponents, "In place of --components").Range(0, 1e9);
    p.Add("tryFeatures", &tryFeatures, "In place of --keepFeatures").Range(0, 1e9);
  }

  /// Every combination, sparing ones first: few features, few neighbours, small costs and gammas.
  std::vector<ClassicalSpec> Candidates() const
  {
    auto first = spec;
    first.kind = ClassicalSpec::KindFrom(kind);
    first.scheme = ClassicalSpec::SchemeFrom(multiclass);
    first.calibration = ClassicalSpec::CalibrationFrom(calibration);
    first.balanced = !notBalanced;
    first.standardised = !notStandardised;
    std::vector<ClassicalSpec> grid{ first };
    Multiply(grid, tryFeatures, &ClassicalSpec::features);
    Multiply(grid, tryComponents, &ClassicalSpec::components);
    Multiply(grid, tryNeighbours, &ClassicalSpec::neighbours);
    Multiply(grid, gammas, &ClassicalSpec::gamma);
    Multiply(grid, costs, &ClassicalSpec::cost);
    return grid;
  }

  static std::string Words(const ClassicalSpec & chosen)
  {
    return Concat("cost ", FormatNumber(chosen.cost), ", gamma ", FormatNumber(chosen.gamma), ", neighbours ", chosen.neighbours, ", components ",
                  FormatNumber(chosen.components), ", features ", chosen.features);
  }

private:
  template <typename T>
  static void Multiply(std::vector<ClassicalSpec> & grid, std::vector<T> values, T ClassicalSpec::*member)
  {
    if (values.empty())
      return;
    std::sort(values.begin(), values.end());
    std::vector<ClassicalSpec> larger;
    for (auto each : grid)
      for (const T value : values)
      {
        each.*member = value;
        larger.push_back(each);
      }
    grid = std::move(larger);
  }
};

} // namespace serval
