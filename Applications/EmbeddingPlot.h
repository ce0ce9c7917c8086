#pragma once
// Features become a map: each patch a point on the plane of largest variance, coloured by class.

#include "PlotTables.h"
#include "serval/Cache/FeatureFile.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"
#include "serval/Similarity/PrincipalPlane.h"

namespace serval
{

/// `layer` may be empty where the file has one only.
inline ScatterPlot EmbeddingPlotOf(const std::filesystem::path & file, const std::string & layer, const PlotWords & words)
{
  const auto               read = FeatureFile::Read(file);
  std::vector<std::string> known;
  for (const auto & [name, values] : read.layers)
    known.push_back(name);
  Require(!layer.empty() || known.size() == 1, Fault::Usage, "the features ", Shown(file), " have ", known.size(), " layers; name one with --layer: ", Join(known, ", "));
  const auto found = read.layers.find(layer.empty() ? known.front() : layer);
  Require(found != read.layers.end(), Fault::Usage, "the features ", Shown(file), " have no layer '", layer, "'; they have ", Join(known, ", "));
  const auto  plane = PrincipalPlane::Of(found->second.values, found->second.width);
  const auto  title = [&plane](std::size_t axis) { return Concat("principal component ", axis + 1, ", ", FormatFixed(100 * plane.share[axis], 1), " % of the variance"); };
  ScatterPlot plot{ "", words.x.empty() ? title(0) : words.x, words.y.empty() ? title(1) : words.y,
                    words.note.empty() ? Concat(found->first, ": ", found->second.width, " standardised features of ", read.Rows(), " patches") : words.note };
  plot.groups = read.classNames;
  for (std::size_t row = 0; row < read.Rows(); ++row)
    plot.dots.push_back({ "", plane.rows[row][0], plane.rows[row][1], 0, 0,
                          read.classes[row] < 0 ? PlaceOf(plot.groups, "without class") : static_cast<std::size_t>(read.classes[row]) });
  return plot;
}

} // namespace serval
