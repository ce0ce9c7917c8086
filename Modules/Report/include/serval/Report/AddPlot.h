#pragma once

#include "serval/Report/Report.h"
#include "serval/Visualization/Drawing.h"

#include "serval/Core/Error.h"

#include <string>
#include <vector>

namespace serval
{

/// The plot for light and for dark screens. What has no room to be drawn says so in its caption.
template <typename TPlot, typename TDraw>
void AddPlot(std::vector<ReportPlot> & plots, ReportPlot::Part part, const std::string & name, const std::string & caption, TPlot plot, const TDraw & draw)
{
  try
  {
    plot.theme = Theme::Light;
    const auto light = EncodeSvg(draw(plot));
    plot.theme = Theme::Dark;
    plots.push_back({ part, name, caption, light, EncodeSvg(draw(plot)) });
  }
  catch (const Error & error)
  {
    if (error.Kind() != Fault::Usage) // no room for the names
      throw;
    plots.push_back({ part, name, caption + " (not drawn: " + error.what() + ")", {}, {} });
  }
}

} // namespace serval
