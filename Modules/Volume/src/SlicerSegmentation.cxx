#include "serval/Volume/SlicerSegmentation.h"

#include "ImageFile.h"
#include "TextHeader.h"
#include "WriteFields.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

// Layers are volumes of one file; segments of one layer do not overlap.
struct Stored
{
  std::string   id, name;
  std::uint16_t value = 1; ///< of its voxels in its layer
  std::size_t   layer = 0;
  std::uint16_t label = 0; ///< in our label map
};

// "Segment0_Name:=liver": the header's reader leaves the sign.
std::string Value(const TextHeader & header, std::size_t number, const char * key)
{
  std::string name = Concat("segment", number, "_", key);
  const auto  text = header.Field(name);
  return text.starts_with('=') ? Trim(text.substr(1)) : text;
}

std::size_t WholeNumber(const std::string & text, std::size_t otherwise, const fs::path & path)
{
  if (text.empty())
    return otherwise;
  const auto number = ParseInteger(text);
  Require(number && *number >= 0 && *number <= 65535, Fault::Input, Shown(path), " gives a segment the layer or label '", text,
          "'; a whole number 0 to 65535 is expected");
  return static_cast<std::size_t>(*number);
}

// Files of Slicer before 4.11 say neither layer nor label: each segment is a layer of its own.
std::vector<Stored> SegmentsIn(const TextHeader & header, std::size_t layers, const fs::path & path)
{
  std::vector<Stored> segments;
  for (std::size_t i = 0; !Value(header, i, "id").empty(); ++i)
  {
    Stored one{ Value(header, i, "id"), Value(header, i, "name"), 1, 0, 0 };
    one.layer = WholeNumber(Value(header, i, "layer"), layers > 1 ? i : 0, path);
    one.value = static_cast<std::uint16_t>(WholeNumber(Value(header, i, "labelvalue"), 1, path));
    if (one.name.empty())
      one.name = one.id;
    Require(one.layer < layers, Fault::Input, Shown(path), ": the segment '", one.name, "' is in layer ", one.layer, "; the file has ", layers);
    segments.push_back(std::move(one));
  }
  return segments;
}

void GiveLabels(std::vector<Stored> & segments)
{
  std::set<std::uint16_t> values;
  for (const auto & one : segments)
    values.insert(one.value);
  const bool isEachItsOwn = values.size() == segments.size() && !values.contains(0);
  for (std::size_t i = 0; i < segments.size(); ++i)
    segments[i].label = isEachItsOwn ? segments[i].value : static_cast<std::uint16_t>(i + 1);
}

// 0 for the first in `order`; segments that are not named have no place.
std::vector<std::size_t> PlacesIn(const std::vector<std::string> & order, const std::vector<Stored> & segments, const fs::path & path)
{
  std::vector<std::size_t> places(segments.size(), order.size());
  for (std::size_t k = 0; k < order.size(); ++k)
  {
    const auto found = std::find_if(segments.begin(), segments.end(), [&](const Stored & s) { return s.name == order[k]; });
    std::vector<std::string> names;
    for (const auto & one : segments)
      names.push_back(one.name);
    Require(found != segments.end(), Fault::Usage, Shown(path), " has no segment '", order[k], "'; it has ", Join(names, ", "));
    places[static_cast<std::size_t>(found - segments.begin())] = k;
  }
  return places;
}

struct Layered
{
  const std::vector<Volume> &      layers;
  const std::vector<Stored> &      segments;
  const std::vector<std::size_t> & places;
  std::size_t                      ordered; ///< a place below it is one in the order
  const fs::path &                 path;
};

bool Has(const Volume & layer, std::size_t voxel, std::uint16_t value)
{
  return std::visit([&](const auto & v) { return static_cast<double>(v[voxel]) == value; }, layer.voxels);
}

[[noreturn]] void FailOverlap(const Layered & in, const Stored & a, const Stored & b)
{
  std::size_t both = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(in.layers[0].geometry.extent.Voxels()); ++i)
    both += Has(in.layers[a.layer], i, a.value) && Has(in.layers[b.layer], i, b.value);
  Fail(Fault::Input, "the segments '", a.name, "' and '", b.name, "' of ", Shown(in.path), " overlap in ", both,
       " voxels; a voxel has one label: serval export --segmentOrder '", a.name, ",", b.name, "' makes a label map in which the first one has them");
}

LabelVolume OneMap(const Layered & in)
{
  const auto  count = static_cast<std::size_t>(in.layers[0].geometry.extent.Voxels());
  LabelVolume map{ in.layers[0].geometry, std::vector<std::uint16_t>(count) };
  std::vector<std::size_t> owner(count, in.segments.size());
  for (std::size_t s = 0; s < in.segments.size(); ++s)
    for (std::size_t i = 0; i < count; ++i)
    {
      if (!Has(in.layers[in.segments[s].layer], i, in.segments[s].value))
        continue;
      const bool isTaken = owner[i] < in.segments.size();
      if (isTaken && (in.places[s] == in.ordered || in.places[owner[i]] == in.ordered))
        FailOverlap(in, in.segments[owner[i]], in.segments[s]);
      if (isTaken && in.places[owner[i]] < in.places[s])
        continue;
      owner[i] = s;
      map.labels[i] = in.segments[s].label;
    }
  return map;
}

// Colours far apart, whatever their number: steps of the golden angle on the circle of hues.
std::string Colour(std::size_t number)
{
  const double hue = std::fmod(0.08 + 0.61803398875 * static_cast<double>(number), 1.0) * 6;
  const auto   part = [&](double shift) {
    const double k = std::fmod(hue + shift, 6.0);
    return FormatFixed(0.9 - 0.65 * std::clamp(std::min(k, 4 - k), 0.0, 1.0), 3);
  };
  return part(5) + " " + part(3) + " " + part(1);
}

} // namespace

bool IsSlicerSegmentation(const fs::path & path) { return path.filename().string().ends_with(".seg.nrrd"); }

SlicerSegmentation ReadSlicerSegmentation(const fs::path & path, const std::vector<std::string> & order)
{
  const auto layers = ReadChannels(path);
  const auto header = ReadTextHeader(path);
  auto       segments = header ? SegmentsIn(*header, layers.size(), path) : std::vector<Stored>{};
  Require(!segments.empty(), Fault::Input, Shown(path), " names no segments, as a segmentation of 3D Slicer does; a plain label map ends with .nrrd");
  GiveLabels(segments);
  const auto         places = PlacesIn(order, segments, path);
  SlicerSegmentation result{ OneMap({ layers, segments, places, order.size(), path }), {} };
  for (const auto & one : segments)
    result.segments.push_back(Segment{ .label = one.label, .name = one.name });
  return result;
}

LabelVolume ReadLabelsOn(const Geometry & grid, const fs::path & path, const ReadOptions & options)
{
  LabelVolume labels = ReadLabels(path, options);
  if (!IsSlicerSegmentation(path) || labels.geometry.extent == grid.extent)
    return labels;
  const auto isNear = [](double a, double b) { return std::abs(a - b) < 1e-4; };
  const auto & s = labels.geometry.spacing;
  Require(isNear(s.x, grid.spacing.x) && isNear(s.y, grid.spacing.y) && isNear(s.z, grid.spacing.z), Fault::Input, "the segmentation ", Shown(path),
          " has voxels of ", FormatNumber(s.x), " x ", FormatNumber(s.y), " x ", FormatNumber(s.z), " mm, its volume of ", FormatNumber(grid.spacing.x), " x ",
          FormatNumber(grid.spacing.y), " x ", FormatNumber(grid.spacing.z), " mm: both must lie on one grid");
  return OntoGrid(labels, grid, Shown(path));
}

void WriteSlicerSegmentation(const LabelVolume & labels, const std::vector<Segment> & named, const fs::path & path)
{
  const auto & e = labels.geometry.extent;
  const auto   extent = Concat("0 ", e.x - 1, " 0 ", e.y - 1, " 0 ", e.z - 1);
  HeaderFields fields{ { "Segmentation_MasterRepresentation", "Binary labelmap" },
                       { "Segmentation_ContainedRepresentationNames", "Binary labelmap|" },
                       { "Segmentation_ReferenceImageExtentOffset", "0 0 0" } };
  std::size_t  number = 0;
  for (const auto & segment : SegmentsOf(labels, named))
  {
    const auto begin = Concat("Segment", number, "_");
    fields[begin + "ID"] = Concat("Segment_", number + 1);
    fields[begin + "Name"] = segment.name;
    fields[begin + "NameAutoGenerated"] = "0";
    fields[begin + "Color"] = Colour(number++);
    fields[begin + "ColorAutoGenerated"] = "1";
    fields[begin + "LabelValue"] = Concat(segment.label);
    fields[begin + "Layer"] = "0";
    fields[begin + "Extent"] = extent;
    fields[begin + "Tags"] = "|";
  }
  WriteLabelsWith(fields, labels, path);
}

} // namespace serval
