#include "Series.h"

#include <cmath>
#include <limits>

namespace serval
{
namespace
{

bool Drawn(const Curve & curve, std::size_t i) { return i < curve.x.size() && std::isfinite(curve.x[i]) && std::isfinite(curve.y[i]); }

bool Bounded(const Curve & curve, std::size_t i)
{
  return i < curve.low.size() && std::isfinite(curve.x[i]) && std::isfinite(curve.low[i]) && std::isfinite(curve.high[i]);
}

} // namespace

double BandOpacity(std::size_t curves) { return curves <= 2 ? 0.2 : curves <= 5 ? 0.13 : 0.07; }

void DrawBand(Sheet & sheet, const Frame & frame, const Curve & curve, const SeriesLook & look, double opacity)
{
  for (std::size_t i = 0; i < curve.low.size(); ++i)
  {
    std::vector<Place> upper, lower;
    for (; Bounded(curve, i); ++i)
    {
      upper.push_back(frame.At(curve.x[i], curve.high[i]));
      lower.push_back(frame.At(curve.x[i], curve.low[i]));
    }
    if (upper.size() < 2)
      continue;
    upper.insert(upper.end(), lower.rbegin(), lower.rend());
    sheet.drawing.shapes.emplace_back(Drawing::Area{ std::move(upper), look.color, opacity });
  }
}

Place DrawSeries(Sheet & sheet, const Frame & frame, const Curve & curve, const SeriesLook & look, double radius, double shift)
{
  std::vector<Place> run, markers;
  constexpr double   nan = std::numeric_limits<double>::quiet_NaN();
  Place              end{ nan, nan };
  for (std::size_t i = 0; i < curve.x.size(); ++i)
  {
    if (!Drawn(curve, i))
      continue;
    const Place at = frame.At(curve.x[i], curve.y[i]);
    run.push_back({ at.x + shift, at.y });
    const std::size_t every = curve.x.size() <= fewPoints ? 1 : curve.x.size() / 6;
    if (i % every == every / 2 || (run.size() == 1 && !Drawn(curve, i + 1)))
      markers.push_back(run.back());
    end = at.x > frame.Right() - 0.12 * (frame.Right() - frame.Left()) ? run.back() : end;
    if (Drawn(curve, i + 1))
      continue;
    sheet.drawing.shapes.emplace_back(Drawing::Line{ run, look.color, sheet.font / 8.0, look.dash });
    run.clear();
  }
  for (const auto & marker : markers)
    sheet.Marker(marker, radius, look);
  return end;
}

void DrawReference(Sheet & sheet, const Frame & frame, const ReferenceLine & reference)
{
  const double y = frame.At(0, reference.y).y;
  if (!std::isfinite(y))
    return;
  const auto look = ReferenceLook(sheet);
  sheet.drawing.Segment({ frame.Left(), y }, { frame.Right(), y }, look.color, sheet.font / 10.0, look.dash);
}

SeriesLook ReferenceLook(const Sheet & sheet) { return { sheet.inks.soft, 0, sheet.font / 3.0, false }; }

} // namespace serval
