#pragma once

#include "serval/Visualization/Comparisons.h"
#include "serval/Visualization/Discrimination.h"

#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace serval::figures
{

/// A figure of every kind, of made-up numbers that follow formulas.
struct Figure
{
  std::string                    name;
  std::function<Drawing(Theme)> draw;
};

inline CurvePlot TrainingSizes(int arms, Theme theme)
{
  static const std::vector<std::string> names{ "scratch", "scratch, compute-matched", "off-the-shelf, ImageNet", "off-the-shelf, lung CT", "fine-tuning, ImageNet",
    "fine-tuning, lung CT", "fine-tuning, liver CT", "fine-tuning, brain MR", "fine-tuning, hippocampus", "two stages, CT then MR", "pseudo-segmentation, lung CT",
    "pseudo-segmentation, MR", "radiomics, forest", "radiomics, SVM" };
  CurvePlot plot{ "AUC by number of training patients, mean of 5 folds x 3 seeds, 95 % intervals", "training patients", "AUC", {}, AxisScale::Logarithmic };
  for (int arm = 0; arm < arms; ++arm)
  {
    Curve curve{ names[static_cast<std::size_t>(arm)] };
    for (const double patients : { 5.0, 10.0, 20.0, 40.0, 80.0, 160.0 })
    {
      const double value = 0.93 - (0.36 - 0.022 * arm) * std::pow(patients, -0.35 - 0.01 * (arm % 3)) - 0.006 * (arm % 4);
      curve.x.push_back(patients);
      curve.y.push_back(value);
      curve.low.push_back(value - 0.11 / std::sqrt(patients / 4));
      curve.high.push_back(value + 0.07 / std::sqrt(patients / 4));
    }
    plot.curves.push_back(curve);
  }
  plot.theme = theme;
  return plot;
}

inline CurvePlot FreezingDepth(Theme theme)
{
  CurvePlot plot{ "AUC by trained layers, 20 training patients, 95 % intervals", "first layer that is trained (those before it stay frozen)", "AUC" };
  plot.xNames = { "head", "bottleneck", "encoder5", "encoder4", "encoder3", "encoder2", "encoder1" };
  for (const auto & [name, rise] : { std::pair{ "lung CT", 0.09 }, std::pair{ "brain MR", 0.06 } })
  {
    Curve curve{ name };
    for (int i = 0; i < 7; ++i)
    {
      const double value = 0.74 + rise * std::sin(0.45 * i) + 0.004 * i;
      curve.x.push_back(i);
      curve.y.push_back(value);
      curve.low.push_back(value - 0.035);
      curve.high.push_back(value + 0.03);
    }
    plot.curves.push_back(curve);
  }
  plot.references = { { "scratch", 0.765 } };
  plot.theme = theme;
  return plot;
}

inline CurvePlot Training(Theme theme)
{
  CurvePlot plot{ "Loss while training", "epoch", "loss" };
  for (const auto & [name, floor] : { std::pair{ "training", 0.05 }, std::pair{ "validation", 0.22 } })
  {
    Curve curve{ name };
    for (int i = 0; i < 60; ++i)
    {
      curve.x.push_back(i + 1);
      curve.y.push_back(floor + 0.7 * std::exp(-i / 12.0) + 0.02 * std::sin(2.1 * i) + (floor > 0.1 ? 0.0018 * i : 0));
    }
    plot.curves.push_back(curve);
  }
  plot.yScale = AxisScale::Logarithmic;
  plot.theme = theme;
  return plot;
}

inline UnitPlot Roc(Theme theme)
{
  UnitPlot plot{ "ROC of malignant nodules, 95 % bands" };
  for (const auto & [name, bend] : { std::pair{ "fine-tuning, AUC 0.91 [0.86, 0.95]", 9.0 }, std::pair{ "scratch, AUC 0.78 [0.70, 0.85]", 3.0 } })
  {
    Curve curve{ name };
    for (int i = 0; i <= 50; ++i)
    {
      const double x = i / 50.0, y = std::pow(x, 1 / bend), half = 0.25 * std::sqrt(y * (1 - y));
      curve.x.push_back(x);
      curve.y.push_back(y);
      curve.low.push_back(std::max(0.0, y - half));
      curve.high.push_back(std::min(1.0, y + 0.7 * half));
    }
    plot.curves.push_back(curve);
  }
  plot.theme = theme;
  return plot;
}

inline UnitPlot PrecisionRecall(Theme theme)
{
  UnitPlot plot{ "Precision and recall of malignant nodules" };
  for (const auto & [name, power] : { std::pair{ "fine-tuning, average precision 0.86", 6.0 }, std::pair{ "scratch, average precision 0.66", 2.0 } })
  {
    Curve curve{ name };
    for (int i = 0; i <= 50; ++i)
    {
      curve.x.push_back(i / 50.0);
      curve.y.push_back(1 - 0.7 * std::pow(i / 50.0, power));
    }
    plot.curves.push_back(curve);
  }
  plot.theme = theme;
  return plot;
}

inline ReliabilityPlot Reliability(Theme theme)
{
  ReliabilityPlot plot{ "Calibration of fine-tuning from lung CT" };
  for (int i = 5; i < 10; ++i)
  {
    const double confidence = i / 10.0 + 0.055;
    const int    rows = 6 + (i - 5) * (i - 4) * 5;
    plot.bins.push_back({ i / 10.0, (i + 1) / 10.0, confidence, confidence - 0.06, rows });
    plot.intervals.push_back(WilsonInterval((confidence - 0.06) * rows, rows, 0.95));
  }
  plot.note = "expected calibration error 0.060 [0.031, 0.102]";
  plot.theme = theme;
  return plot;
}

inline CriticalDifferencePlot CriticalDifference(Theme theme)
{
  CriticalDifferencePlot plot{ "Mean ranks of 8 arms over 12 data sets" };
  plot.names = { "scratch", "off-the-shelf, ImageNet", "fine-tuning, ImageNet", "fine-tuning, lung CT", "fine-tuning, brain MR", "pseudo-segmentation", "radiomics", "two stages" };
  plot.meanRanks = { 6.8, 6.1, 4.2, 2.6, 3.9, 3.1, 6.9, 2.4 };
  plot.criticalDifference = 3.03;
  plot.note = "Friedman p < 0.001; Nemenyi's critical difference at 0.05. A bar joins arms between which no difference was shown.";
  plot.theme = theme;
  return plot;
}

inline MatrixPlot Sources(bool diverging, Theme theme)
{
  MatrixPlot plot{ diverging ? "Gain in AUC over scratch, 20 training patients" : "AUC with 20 training patients", "source", "target" };
  plot.rows = { "ImageNet", "lung CT", "liver CT", "brain MR", "hippocampus MR", "chest X-ray" };
  plot.columns = { "lung nodules", "liver lesions", "glioma grade", "hippocampus", "pneumonia" };
  for (int row = 0; row < 6; ++row)
    for (int column = 0; column < 5; ++column)
      plot.values.push_back(row == 5 && column == 2 ? std::nan("") : (diverging ? 0.05 : 0.15) * std::cos(0.5 * (row - column - 1)) - (diverging ? 0.01 : 0.01 * row - 0.75));
  plot.digits = diverging ? 3 : 2;
  plot.diverging = diverging;
  plot.theme = theme;
  return plot;
}

inline ForestPlot Forest(Theme theme)
{
  ForestPlot plot{ "Difference in AUC from scratch, 20 training patients, 95 % intervals", "difference in AUC" };
  for (const auto & curve : TrainingSizes(14, theme).curves)
  {
    if (curve.name == "scratch")
      continue;
    const double number = double(plot.rows.size()), value = -0.02 + 0.008 * number;
    plot.rows.push_back({ curve.name, value, value - 0.035 - 0.001 * number, value + 0.03, "p " + std::to_string(0.9 / (1 + number * number)).substr(0, 5) });
  }
  plot.rows.push_back({ "transductive, lung CT", std::nan(""), std::nan(""), std::nan(""), "" });
  plot.below = "scratch is better";
  plot.above = "the arm is better";
  plot.theme = theme;
  return plot;
}

inline ScatterPlot Similarity(Theme theme)
{
  ScatterPlot plot{ "Similarity of source and target against gain", "LogME of the source's features on the target", "gain in AUC over scratch", "Spearman's rho 0.71 [0.18, 0.93], 9 sources" };
  const std::vector<std::string> names{ "ImageNet", "lung CT", "liver CT", "brain MR", "hippocampus", "chest X-ray", "knee MR", "retina", "RadImageNet" };
  for (std::size_t i = 0; i < names.size(); ++i)
  {
    const double x = 0.1 + 0.07 * double(i % 5) + 0.02 * double(i), y = 0.2 * x - 0.02 + 0.015 * std::sin(3.0 * double(i));
    plot.dots.push_back({ names[i], x, y, y - 0.02, y + 0.02, i % 2 });
  }
  plot.groups = { "2D source", "3D source" };
  plot.theme = theme;
  return plot;
}

inline std::vector<Figure> All()
{
  return {
    { "sizes", [](Theme t) { return DrawCurves(TrainingSizes(3, t)); } },
    { "sizes-14-arms", [](Theme t) { return DrawCurves(TrainingSizes(14, t)); } },
    { "freezing-depth", [](Theme t) { return DrawCurves(FreezingDepth(t)); } },
    { "training", [](Theme t) { return DrawCurves(Training(t)); } },
    { "roc", [](Theme t) { return DrawRoc(Roc(t)); } },
    { "precision-recall", [](Theme t) { return DrawPrecisionRecall(PrecisionRecall(t), { 0.3 }); } },
    { "reliability", [](Theme t) { return DrawReliability(Reliability(t)); } },
    { "critical-difference", [](Theme t) { return DrawCriticalDifference(CriticalDifference(t)); } },
    { "matrix", [](Theme t) { return DrawMatrix(Sources(false, t)); } },
    { "matrix-differences", [](Theme t) { return DrawMatrix(Sources(true, t)); } },
    { "forest", [](Theme t) { return DrawForest(Forest(t)); } },
    { "scatter", [](Theme t) { return DrawScatter(Similarity(t)); } },
  };
}

} // namespace serval::figures
