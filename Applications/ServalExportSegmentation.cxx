#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/Text.h"
#include "serval/Volume/SlicerSegmentation.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <ctime>
#include <optional>

namespace serval
{
namespace
{

struct ExportSegmentation final : app::Application
{
  std::filesystem::path    input, output, source, segmentTable;
  std::string              series, algorithm = "automatic";
  std::vector<std::string> names, segmentOrder;
  bool                     isMap = false;
  SegmentationText         text;

  app::Description Describe() const override
  {
    return { "ServalExportSegmentation", "export", "Export Segmentation", "Serval.Preparation",
             "Writes a label map or a probability map for other programs: as NIfTI, NRRD, MetaImage, a segmentation of 3D Slicer (.seg.nrrd) or of DICOM (.dcm), on its "
             "own grid or on that of the volume it was made from. Only a .dcm file holds the patient's and the study's identifiers; they are "
             "taken from the series named by --source." };
  }

  void Declare(app::Parameters & p) override
  {
    p.Add("input", &input, "Label map, or a probability map with --map").In("label").Positional(0);
    p.Add("output", &output, "Exported file").Out("label", ".nii.gz,.nii,.nrrd,.seg.nrrd,.mha,.dcm").Positional(1);
    p.Add("source", &source, "Folder with the DICOM series (or a volume file) whose grid the output takes; needed for .dcm").In("directory").Optional();
    p.Add("series", &series, "Of a folder with several series: SeriesInstanceUID, or its short id");
    p.Add("map", &isMap, "The input is a probability or heat map: interpolated linearly, 0 outside of it; not for .dcm");
    p.Add("segmentOrder", &segmentOrder, "Of a Slicer segmentation whose segments overlap: their names, the one first that has the shared voxels");
    p.Group("Segmentations of 3D Slicer and DICOM");
    p.Add("names", &names, "Names of labels as LABEL:NAME, e.g. 1:liver,2:nodule");
    p.Add("segmentTable", &segmentTable, "Names of labels as a table: value, name and as needed category and type (codes as 85756007:SCT:Tissue)").In("file", ".csv").Optional();
    p.Add("description", &text.description, "Description of the new series");
    p.Add("algorithm", &algorithm, "How the labels were made").Choices({ "automatic", "semiautomatic", "manual" });
    p.Add("allFrames", &text.hasEmptyFrames, "Write a frame for every slice and label, also without voxels");
    p.Add("created", &text.created, "Date and time of creation, YYYYMMDDhhmmss; without it now, so that two exports are two instances");
  }

  void Run(app::Context & context) override
  {
    const bool isDicom = output.extension() == ".dcm";
    RequireOptions(isDicom);
    text.algorithm = SegmentAlgorithmOf(algorithm);
    text.created = text.created.empty() ? Now() : text.created;
    context.progress.Report(0.01, "Reading");
    const auto record = std::filesystem::is_directory(source) ? std::optional(OnlySeries()) : std::nullopt;
    std::optional<Geometry> grid;
    if (!source.empty())
      grid = record ? ReadSeries(*record).geometry : ReadVolume(source).geometry;
    nlohmann::ordered_json json{ { "schema", "serval-export/1" } };
    if (isMap)
      WriteVolume(grid ? OntoGrid(ReadVolume(input), *grid, Shown(input)) : ReadVolume(input), output);
    else
      ExportLabels(context, json, isDicom ? &*record : nullptr, grid);
    json["provenance"] = nlohmann::ordered_json::parse(context.provenance.ToJson());
    context.WriteNumbers(json.dump(2));
  }

private:
  void RequireOptions(bool isDicom) const
  {
    if (!isDicom)
      RequireVolumeExtension(output);
    Require(!isDicom || !isMap, Fault::Usage, "a probability map is not written as .dcm; choose .nii.gz, .nrrd or .mha");
    Require(!isDicom || !source.empty(), Fault::Usage, "a DICOM segmentation (.dcm) needs --source, the folder with the series it belongs to");
    Require(!isDicom || std::filesystem::is_directory(source), Fault::Usage, "--source is no folder; a DICOM segmentation needs the series' folder");
    Require(isDicom || (!text.hasEmptyFrames && text.created.empty()), Fault::Usage, "--allFrames and --created belong to a DICOM segmentation (.dcm)");
    Require(isDicom || IsSlicerSegmentation(output) || (names.empty() && segmentTable.empty()), Fault::Usage,
            "--names and --segmentTable belong to a DICOM (.dcm) or Slicer segmentation (.seg.nrrd)");
    Require(segmentOrder.empty() || IsSlicerSegmentation(input), Fault::Usage, "--segmentOrder belongs to a Slicer segmentation (.seg.nrrd)");
    Require(series.empty() || std::filesystem::is_directory(source), Fault::Usage, "--series belongs to a --source that is a folder");
  }

  SeriesRecord OnlySeries() const
  {
    const DicomFolder        folder = ListDicomFolder(source);
    const auto               found = MatchSeries(folder.series, { .minimumSlices = 1, .series = series });
    std::vector<std::string> choices;
    for (const auto index : series.empty() ? found : MatchSeries(folder.series, { .minimumSlices = 1 }))
      choices.push_back(Concat(ShownText(folder.series[index].seriesUid), " (", folder.series[index].modality, ", ", folder.series[index].slices, " slices)"));
    Require(found.size() == 1, Fault::Input, "--source has ", found.size(), " series of images", series.empty() ? "" : " of this name",
            "; choose one by --series: ", Join(choices, ", "));
    return folder.series[found.front()];
  }

  static std::string Now()
  {
    const std::time_t now = std::time(nullptr);
    std::tm           local{};
    char              words[16];
    ::localtime_r(&now, &local);
    return { words, std::strftime(words, sizeof words, "%Y%m%d%H%M%S", &local) };
  }

  void ExportLabels(app::Context & context, nlohmann::ordered_json & json, const SeriesRecord * record, const std::optional<Geometry> & grid)
  {
    const LabelVolume read = IsSlicerSegmentation(input) ? ReadSlicerSegmentation(input, segmentOrder).labels : ReadLabels(input);
    context.progress.Report(0.4, "Placing the labels");
    const LabelVolume labels = grid ? OntoGrid(read, *grid, Shown(input)) : read;
    const auto        segments = SegmentsOf(labels, Named());
    context.progress.Report(0.6, "Writing");
    if (record)
      json["frames"] = WriteDicomSegmentation(labels, *record, segments, text, output);
    else
      IsSlicerSegmentation(output) ? WriteSlicerSegmentation(labels, segments, output) : WriteLabels(labels, output);
    Tell(context, json, read, labels, segments);
  }

  std::vector<Segment> Named() const
  {
    auto named = !segmentTable.empty() ? ReadSegments(segmentTable) : IsSlicerSegmentation(input) ? ReadSlicerSegmentation(input, segmentOrder).segments : std::vector<Segment>{};
    for (const auto & segment : ParseSegments(names))
    {
      std::erase_if(named, [&](const Segment & other) { return other.label == segment.label; });
      named.push_back(segment);
    }
    return named;
  }

  static void Tell(app::Context & context, nlohmann::ordered_json & json, const LabelVolume & read, const LabelVolume & written,
                   const std::vector<Segment> & segments)
  {
    const auto before = VolumesOf(read), after = VolumesOf(written);
    int        number = 0;
    for (const auto & segment : segments)
    {
      const double was = before.at(segment.label), is = after.at(segment.label);
      json["segments"].push_back({ { "number", ++number }, { "label", segment.label }, { "name", segment.name }, { "ml", is }, { "mlBefore", was } });
      context.Say(Concat(number, ' ', segment.name, " (label ", segment.label, "): ", FormatFixed(is, 3), " ml",
                         std::abs(is - was) > 5e-4 ? Concat(", ", FormatFixed(was, 3), " ml on the grid of the label map") : ""));
    }
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::ExportSegmentation>(argc, argv); }
