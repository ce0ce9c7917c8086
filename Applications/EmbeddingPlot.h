#pragma once
// Features become a map: each patch a point on the plane of largest variance, coloured by class.

#include "PlotTables.h"
#include "serval/Cache/FeatureFile.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"
#include "serval/Similarity/PrincipalPlane.h"

#include <set>

namespace serval
{

/// Rows of a features file: those of some patients, or all where none is named; several layers side by side.
struct EmbeddedRows
{
  std::vector<std::string> layers = {}; ///< may be empty where the file has one only
  std::set<std::string>    patients = {};
  std::vector<std::size_t> rows = {};
  std::vector<float>       values = {};
  std::size_t              width = 0;

  void Take(const FeatureFile & read, const std::filesystem::path & file)
  {
    std::vector<std::string> known;
    for (const auto & [name, layer] : read.layers)
      known.push_back(name);
    Require(!layers.empty() || known.size() == 1, Fault::Usage, "the features ", Shown(file), " have ", known.size(), " layers; name one with --layer: ", Join(known, ", "));
    layers = layers.empty() ? known : layers;
    for (const auto & name : layers)
    {
      Require(read.layers.contains(name), Fault::Usage, "the features ", Shown(file), " have no layer '", name, "'; they have ", Join(known, ", "));
      width += read.layers.at(name).width;
    }
    for (std::size_t row = 0; row < read.Rows(); ++row)
      if (patients.empty() || patients.contains(read.patients[row]))
        TakeRow(read, row);
  }

private:
  void TakeRow(const FeatureFile & read, std::size_t row)
  {
    rows.push_back(row);
    for (const auto & name : layers)
    {
      const auto & layer = read.layers.at(name);
      const auto   first = layer.values.begin() + static_cast<std::ptrdiff_t>(row * layer.width);
      values.insert(values.end(), first, first + static_cast<std::ptrdiff_t>(layer.width));
    }
  }
};

inline ScatterPlot EmbeddingPlotOf(const std::filesystem::path & file, EmbeddedRows shown, const PlotWords & words)
{
  const auto read = FeatureFile::Read(file);
  shown.Take(read, file);
  const auto  plane = PrincipalPlane::Of(shown.values, shown.width);
  const auto  title = [&plane](std::size_t axis) { return Concat("principal component ", axis + 1, ", ", FormatFixed(100 * plane.share[axis], 1), " % of the variance"); };
  ScatterPlot plot{ "", words.x.empty() ? title(0) : words.x, words.y.empty() ? title(1) : words.y,
                    words.note.empty() ? Concat(Join(shown.layers, ", "), ": ", shown.width, " standardised features of ", shown.rows.size(), " patches") : words.note };
  plot.groups = read.classNames;
  for (std::size_t i = 0; i < shown.rows.size(); ++i)
  {
    const int of = read.classes[shown.rows[i]];
    plot.dots.push_back({ "", plane.rows[i][0], plane.rows[i][1], 0, 0, of < 0 ? PlaceOf(plot.groups, "without class") : static_cast<std::size_t>(of) });
  }
  return plot;
}

} // namespace serval
