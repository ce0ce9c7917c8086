#pragma once
// Saliency at one place of a volume, as a map on the volume's grid.

#include "PointOptions.h"
#include "ReadingOptions.h"
#include "RunSibling.h"
#include "serval/Core/ScratchFolder.h"
#include "serval/Core/Text.h"
#include "serval/Inference/CohortInference.h"
#include "serval/Inference/PlaceSaliency.h"

#include <filesystem>
#include <string>
#include <vector>

namespace serval
{

struct VolumeSaliency
{
  std::filesystem::path              input, heatmap, picture;
  std::vector<std::filesystem::path> channels;
  std::vector<double>                position;
  PointOptions                       points;
  ReadingOptions                     reading;

  void Declare(app::Parameters & p)
  {
    p.Add("input", &input, "A volume, instead of a cache; --position or --points says where").In("image").Optional();
    p.Add("points", &points.candidates, "The place in the volume: Slicer's .fcsv or .mrk.json, or a table, with one point").In("pointfile", ".fcsv,.mrk.json,.csv").Optional();
    p.Add("heatmap", &heatmap, "The volume's map on its own grid, 0 outside of the patch").Out("image", ".nrrd,.nii.gz,.nii,.mha").Optional().Reference("input");
    p.Add("picture", &picture, "Slices of the volume with the map").Out("file", ".png").Optional();
  }
  void DeclareFurther(app::Parameters & p)
  {
    p.Group("Volume");
    p.Add("position", &position, "The place in the volume (x,y,z in mm, LPS)");
    p.Add("channels", &channels, "Further channels on the volume's grid, in the model's order").In("image").Optional();
    points.DeclareCoordinates(p);
    reading.Declare(p);
  }

  void Check() const
  {
    Require(!heatmap.empty() || !picture.empty(), Fault::Usage, "--input needs --heatmap or --picture; nothing would be written");
    Require(position.empty() != points.candidates.empty(), Fault::Usage, "say where in the volume: one of --position x,y,z and --points FILE");
    Require(position.empty() || position.size() == 3, Fault::Usage, "--position has ", position.size(), " numbers; three, x,y,z, are expected");
    if (!heatmap.empty())
      RequireVolumeExtension(heatmap);
    Require(picture.empty() || picture.extension() == ".png", Fault::Usage, "the picture '", picture.filename().string(), "' must end with .png");
  }

  /// The map and the picture; what was found.
  PlaceSaliency Run(const ModelFile & model, const SaliencyRequest & request, const Computing & computing, const std::string & method, Progress & progress) const
  {
    Case one;
    one.image = input;
    one.furtherChannels = channels;
    CohortInferencePlan plan;
    plan.reading = reading.Options();
    auto        images = ReadCaseImages(one, plan);
    const auto  point = PointIn(images.channels.front().geometry);
    auto        place = MapSaliencyAt(std::move(images), model, point, request, computing, progress);
    const ScratchFolder scratch;
    const auto  map = heatmap.empty() ? scratch.Path() / "map.nrrd" : heatmap;
    WriteVolume(place.map, map);
    if (!picture.empty())
      Draw(map, point, method, model.classNames[static_cast<std::size_t>(place.found.classIndex)]);
    return place;
  }

private:
  Point PointIn(const Geometry & grid) const
  {
    if (!position.empty())
      return { position[0], position[1], position[2] };
    const auto all = points.OfVolume();
    Require(all.size() == 1, Fault::Input, "--points has ", all.size(), " points; one, the place that is explained, is expected");
    return all.front().PointIn(grid);
  }

  void Draw(const std::filesystem::path & map, const Point & point, const std::string & method, const std::string & className) const
  {
    std::vector<std::string> words{ "ServalRenderVolume", input.string(), picture.string(), "--heat", map.string(), "--heatName", method, "--position",
                                    Concat(FormatNumber(point[0]), ",", FormatNumber(point[1]), ",", FormatNumber(point[2])), "--title", "What speaks for " + className,
                                    "--placement", reading.placement, "--progress", "none" };
    if (!reading.series.empty())
      words.insert(words.end(), { "--series", reading.series });
    if (reading.repair.rule.isWanted)
      words.emplace_back("--repair");
    Require(RunSibling(words) == 0, Fault::Environment, "the picture could not be drawn; what render-volume said stands above");
  }
};

} // namespace serval
