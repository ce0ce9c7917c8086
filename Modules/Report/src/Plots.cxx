#include "serval/Core/Error.h"
#include "serval/Report/Report.h"
#include "serval/Visualization/Curves.h"

namespace serval
{
namespace
{

ReportPicture Plot(const CurvePlot & plot, const std::filesystem::path & file)
{
  WritePicture(RenderCurves(plot), file);
  return { file, plot.title };
}

} // namespace

std::vector<ReportPicture> DrawPlots(const StudyFile & study, const StudyResults & results, const std::filesystem::path & folder)
{
  std::vector<ReportPicture> plots;
  CurvePlot sizes{ results.metric + " by number of training patients, with 95 % intervals", "training patients", results.metric, {}, AxisScale::Logarithmic };
  for (const auto & arm : study.arms)
  {
    Curve curve{ arm.name };
    for (const auto & result : results.arms)
      if (result.arm == arm.name)
      {
        curve.x.push_back(result.trainPatients);
        curve.y.push_back(result.scores.at(results.metric).value);
        curve.low.push_back(result.scores.at(results.metric).low);
        curve.high.push_back(result.scores.at(results.metric).high);
      }
    if (!curve.x.empty())
      sizes.curves.push_back(curve);
  }
  if (!sizes.curves.empty())
    plots.push_back(Plot(sizes, folder / "sizes.png"));
  for (const int size : study.trainPatients)
  {
    CurvePlot losses{ Concat("Training loss with ", size, " training patients"), "step", "loss", {} };
    for (const auto & curve : results.curves)
      if (curve.size == size)
        losses.curves.push_back({ curve.arm, curve.step, curve.loss });
    if (!losses.curves.empty())
      plots.push_back(Plot(losses, folder / Concat("loss-n", size, ".png")));
  }
  return plots;
}

} // namespace serval
