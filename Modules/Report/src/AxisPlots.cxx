#include "PlotParts.h"

#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace serval
{
namespace
{

/// Arms that differ in one swept value alone: family and the other values.
std::string NameOfCurve(const StudyArm & arm, const std::string & axis)
{
  std::string name = arm.family.empty() ? arm.name : arm.family;
  for (const auto & [key, value] : arm.axes)
    if (key != axis)
      name += ", " + key + " " + value;
  return name;
}

std::string AxisInWords(const std::string & axis)
{
  if (axis.starts_with("source."))
    return "source's " + axis.substr(7);
  return axis == "freeze" ? "frozen up to" : axis;
}

struct Swept
{
  std::vector<std::string> values; ///< in the file's order
  bool                     isNumeric = true;
};

Swept ValuesOf(const StudyFile & study, const std::string & axis)
{
  Swept swept;
  for (const auto & arm : study.arms)
    if (const auto found = arm.axes.find(axis); found != arm.axes.end() && std::find(swept.values.begin(), swept.values.end(), found->second) == swept.values.end())
    {
      swept.values.push_back(found->second);
      swept.isNumeric = swept.isNumeric && ParseDouble(found->second).has_value();
    }
  return swept;
}

void AddPoint(Curve & curve, double x, const Interval & score)
{
  curve.x.push_back(x);
  curve.y.push_back(score.value);
  curve.low.push_back(score.low);
  curve.high.push_back(score.high);
}

std::vector<Curve> CurvesOf(const StudyFile & study, const StudyResults & results, const std::string & target, const std::string & axis, const Swept & swept)
{
  std::vector<Curve> curves;
  for (const auto & arm : study.arms)
  {
    const auto   value = arm.axes.find(axis);
    const auto * result = results.Find(target, arm.name, study.trainPatients.back());
    if (value == arm.axes.end() || result == nullptr)
      continue;
    const auto name = NameOfCurve(arm, axis);
    auto       curve = std::find_if(curves.begin(), curves.end(), [&](const Curve & one) { return one.name == name; });
    if (curve == curves.end())
      curve = curves.insert(curve, Curve{ name });
    const auto place = std::find(swept.values.begin(), swept.values.end(), value->second) - swept.values.begin();
    AddPoint(*curve, swept.isNumeric ? *ParseDouble(value->second) : double(place), result->scores.at(results.metric));
  }
  return curves;
}

std::vector<ReferenceLine> ScratchLines(const StudyFile & study, const StudyResults & results, const std::string & target)
{
  std::vector<ReferenceLine> lines;
  for (const auto & arm : study.arms)
    if (const auto * result = results.Find(target, arm.name, study.trainPatients.back());
        result != nullptr && arm.strategy == StudyArm::Strategy::Scratch && arm.axes.empty() && !arm.shuffledLabels && !arm.isAutomatic && lines.size() < 2 &&
        std::isfinite(result->scores.at(results.metric).value))
      lines.push_back({ arm.name, result->scores.at(results.metric).value });
  return lines;
}

} // namespace

void AddAxisPlots(const StudyFile & study, const StudyResults & results, std::vector<ReportPlot> & plots)
{
  std::set<std::string> axes;
  for (const auto & arm : study.arms)
    for (const auto & [key, value] : arm.axes)
      axes.insert(key);
  for (const auto & target : study.targets)
    for (const auto & axis : axes)
    {
      const auto swept = ValuesOf(study, axis);
      auto       curves = CurvesOf(study, results, target.name, axis, swept);
      std::erase_if(curves, [](const Curve & one) { return std::none_of(one.y.begin(), one.y.end(), [](double y) { return std::isfinite(y); }); });
      if (swept.values.size() < 2 || curves.empty())
        continue;
      CurvePlot plot{ Concat(results.metric, " by ", AxisInWords(axis), study.targets.size() > 1 ? ", " + target.name : ""), AxisInWords(axis), results.metric, std::move(curves) };
      plot.xNames = swept.isNumeric ? std::vector<std::string>() : swept.values;
      plot.references = ScratchLines(study, results, target.name);
      AddPlot(plots, ReportPlot::Part::Results, "axis-" + target.name + "-" + axis, plot.title + ", at the largest training size, with 95 % intervals", plot, DrawCurves);
    }
}

} // namespace serval
