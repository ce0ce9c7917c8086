#pragma once
// Kernels of a network's layer, and its feature maps of one patch, as cells of a gallery.

#include "PatchPictures.h"
#include "serval/Network/ModelFile.h"
#include "serval/Network/LayerGraph.h"
#include "serval/Training/Learning.h"

#include <algorithm>
#include <cmath>
#include <deque>

namespace serval
{

/// The first convolution of a layer, or of the network where no layer is named. Fault::Usage where there is none.
inline const Node & ConvolutionOf(const LayerGraph & graph, const std::string & layer)
{
  for (const auto & node : graph.nodes)
    if (node.operation == Operation::Convolution && (layer.empty() || LayerOf(node) == layer || node.name == layer))
      return node;
  Fail(Fault::Usage, "the network has no convolution ", layer.empty() ? "" : "in a layer '" + layer + "'", "; its layers are ", Join(graph.Layers(), ", "));
}

/// What a gallery's cells of a network look at.
class NetworkPictures
{
public:
  /// One channel of the kernels of a convolution, all on one grey scale with 0 in the middle. Fault::Usage for a channel that it has not.
  void AddKernels(PatchGallery & gallery, const ModelFile & model, const Node & node, int channel, std::size_t most)
  {
    const auto & array = model.arrays.at(node.name + ".weight"); // [out, in, (z,) y, x]
    const auto   rank = array.shape.size();
    Require(channel < array.shape[1], Fault::Usage, "the kernels of ", node.name, " have ", array.shape[1], " channels, the first is 0; ", channel, " is none of them");
    const Extent extent{ array.shape[rank - 1], array.shape[rank - 2], rank == 5 ? array.shape[2] : 1 };
    const auto   size = static_cast<std::size_t>(extent.Voxels()), count = static_cast<std::size_t>(array.shape[0]);
    double       largest = 1e-12;
    for (std::size_t i = 0; i < std::min(count, most); ++i)
    {
      const auto   first = array.values.begin() + static_cast<std::ptrdiff_t>((i * static_cast<std::size_t>(array.shape[1]) + static_cast<std::size_t>(channel)) * size);
      const auto & kernel = m_Values.emplace_back(first, first + static_cast<std::ptrdiff_t>(size));
      for (const float value : kernel)
        largest = std::max<double>(largest, std::abs(value));
    }
    gallery.rows.emplace_back();
    for (std::size_t i = 0; i < m_Values.size(); ++i)
      gallery.rows[0].cells.push_back(CellOf(m_Values[i], { extent, {}, {} }, -largest, largest, std::to_string(i + 1)));
    gallery.isSmooth = gallery.hasScale = false;
    gallery.note = Concat(m_Values.size(), " of ", count, " kernels of ", node.name, ", ", ToText(extent), " voxels, channel ", channel, " of ", array.shape[1],
                          ". Mid-grey is 0, black and white are -/+ ", FormatFixed(largest, 3), ".");
  }

  /// A layer's maps of one patch, each from its lowest to its highest value, behind the patch itself.
  void AddMaps(PatchGallery & gallery, const PatchCache & cache, PatchPictures & pictures, const ModelFile & model, const std::string & layer, std::size_t patch,
               const Computing & computing, std::size_t most, Progress & progress)
  {
    const auto & record = cache.Patches()[patch];
    const auto   rows = LoadLearning().Features(cache, { patch }, model, { layer + ":flatten" }, computing, progress);
    const auto & values = rows.begin()->second;
    const auto   shape = ShapeOf(model, layer, values.size());
    const auto   size = static_cast<std::size_t>(shape.space.Voxels());
    const auto & whole = record.geometry;
    const Geometry grid{ shape.space,
                         { whole.spacing.x * double(whole.extent.x) / double(shape.space.x), whole.spacing.y * double(whole.extent.y) / double(shape.space.y),
                           whole.spacing.z * double(whole.extent.z) / double(shape.space.z) },
                         whole.origin,
                         whole.direction };
    auto & cells = gallery.rows.emplace_back().cells;
    cells.push_back(pictures.Cell(patch, { "the patch", pictures.NameOf(patch) }));
    for (std::size_t i = 0; i < std::min(static_cast<std::size_t>(shape.maps), most); ++i)
    {
      const auto   first = values.begin() + static_cast<std::ptrdiff_t>(i * size);
      const auto & map = m_Values.emplace_back(first, first + static_cast<std::ptrdiff_t>(size));
      const auto [low, high] = std::minmax_element(map.begin(), map.end());
      const bool isFlat = !(*high > *low);
      cells.push_back(CellOf(map, grid, *low, isFlat ? *low + 1.0 : *high, Concat("map ", i + 1, isFlat ? ", flat" : "")));
      cells.back().lines.push_back(Concat(FormatFixed(*low, 2), " to ", FormatFixed(*high, 2)));
    }
    gallery.note = Concat(cells.size() - 1, " of ", shape.maps, " maps of ", layer, ", ", ToText(shape.space), " voxels, each from its lowest value (black) to its highest. ");
  }

private:
  static PatchCell CellOf(const std::vector<float> & values, const Geometry & grid, double low, double high, const std::string & line)
  {
    PatchCell cell;
    cell.patch = { values, grid };
    cell.window = { (low + high) / 2, high - low, "" };
    cell.lines = { line };
    return cell;
  }

  // Of the layer's last output that has so many numbers.
  static MapShape ShapeOf(const ModelFile & model, const std::string & layer, std::size_t count)
  {
    const auto graph = BuildNetwork(model.network);
    const auto shapes = graph.Shapes(model.patch);
    for (std::size_t i = shapes.size(); i-- > 1;)
      if ((LayerOf(graph.nodes[i]) == layer || graph.nodes[i].name == layer) && !shapes[i].isFlat && static_cast<std::size_t>(shapes[i].Count()) == count)
        return shapes[i];
    Fail(Fault::Usage, "the layer '", layer, "' has no maps with space");
  }

  std::deque<std::vector<float>> m_Values;
};

} // namespace serval
