#include "ReadingOptions.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Text.h"
#include "serval/Inference/SegmentVolume.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace serval
{
namespace
{

struct SegmentVolumeApplication final : app::Application
{
  std::filesystem::path              input, output, model, probabilities;
  std::vector<std::filesystem::path> channels;
  ReadingOptions                     reading;
  SegmentPlan                        plan;

  app::Description Describe() const override
  {
    return { "ServalSegmentVolume", "segment-volume", "Segment a volume", "Serval.Learning",
             "Applies a segmenting model, such as a pretrained U-Net, to a whole volume: windows that overlap, blended by Gaussian weights, on the "
             "volume's own grid. A volume unlike those the model learned from is refused." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("input", &input, "Volume: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series").In("image").Positional(0);
    p.Add("output", &output, "Label map to write").Out("label", ".nrrd,.nii.gz,.nii,.mha").Positional(1).Reference("input");
    p.Add("model", &model, "Model").In("file", ".safetensors").Required();
    p.Add("channels", &channels, "Further channels on the volume's grid, in the model's order").In("image").Optional();
    p.Add("probabilities", &probabilities, "Where the last label's probability is written; with more than two labels one file each, NAME-LABEL").Out("image", ".nii.gz,.nii,.nrrd,.mha").Optional();
    reading.Declare(p);
    p.Group("Windows");
    p.Add("windows", &plan.windows,
          "patches: windows of the model's patch, blended; whole: larger ones, of which only voxels count that see all they can, as if the volume were one window (networks without instance "
          "norm); auto: whole where it is less work")
      .Choices({ "auto", "patches", "whole" });
    p.Add("overlap", &plan.overlap, "Share by which neighbouring windows overlap").Range(0, 0.95);
    p.Add("flips", &plan.computing.flips, "Also segment the mirror images along each axis and take the mean");
    p.Group("Computing");
    p.AddDevice(&plan.computing.device);
    p.Add("precision", &plan.computing.precision, "Type of the maps; auto takes bfloat16 where the device computes it fast")
      .Choices({ "auto", "float32", "bfloat16", "float16" });
    p.Add("threads", &plan.computing.threads, "Threads; 0 takes all cores").Range(0, 4096);
  }
  void Run(app::Context & context) override
  {
    RequireVolumeExtension(output);
    if (!probabilities.empty())
      RequireVolumeExtension(probabilities);
    auto                read = ModelFile::Read(model);
    auto                arrays = std::exchange(read.arrays, {});
    ModelFile           whole = read;
    whole.arrays = std::move(arrays);
    std::vector<Volume> volumes;
    volumes.push_back(ReadVolume(input, reading.Options()));
    for (const auto & channel : channels)
      volumes.push_back(ReadVolume(channel, reading.Options()));
    nlohmann::json json{ { "schema", "serval-volume-segmentation/1" }, { "model", { { "sha256", Sha256OfFile(model) } } }, { "input", VoxelFingerprint(volumes.front()) } };
    plan.wantsProbabilities = !probabilities.empty();
    const auto result = SegmentVolume(std::move(volumes), std::move(whole), plan, context.progress);
    WriteLabels(result.labels, output);
    for (std::size_t k = 1; k < result.probabilities.size(); ++k)
      WriteVolume(result.probabilities[k], FileOf(read, k));
    for (const auto & warning : result.warnings)
      context.Say("warning: " + warning);
    Tell(context, result, read, json);
  }

private:
  std::string NameOf(const ModelFile & read, std::size_t label) const
  {
    return label < read.segmentationNames.size() ? read.segmentationNames[label] : "label" + std::to_string(label);
  }

  // NAME.nii.gz, or NAME-LABEL.nii.gz.
  std::filesystem::path FileOf(const ModelFile & read, std::size_t label) const
  {
    const auto name = probabilities.filename().string();
    const auto dot = name.ends_with(".nii.gz") ? name.size() - 7 : name.rfind('.');
    return read.network.segmentationClasses == 2 ? probabilities : probabilities.parent_path() / (name.substr(0, dot) + "-" + NameOf(read, label) + name.substr(dot));
  }

  void Tell(const app::Context & context, const SegmentationResult & result, const ModelFile & read, nlohmann::json & json) const
  {
    const auto &               g = result.labels.geometry;
    const double               ml = g.spacing.x * g.spacing.y * g.spacing.z / 1000;
    std::map<int, std::size_t> counts;
    for (const auto label : result.labels.labels)
      ++counts[label];
    for (int k = 0; k < read.network.segmentationClasses; ++k)
    {
      const auto name = NameOf(read, std::size_t(k));
      json["labels"].push_back({ { "value", k }, { "name", name }, { "voxels", counts[k] }, { "ml", double(counts[k]) * ml } });
      context.Say(Concat(k, ' ', name, ": ", counts[k], " voxels, ", FormatFixed(double(counts[k]) * ml, 2), " ml"));
    }
    json["windows"] = result.windows;
    json["whole"] = result.isWhole;
    json["warnings"] = result.warnings;
    json["provenance"] = nlohmann::json::parse(context.provenance.ToJson());
    context.WriteNumbers(json.dump(1));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::SegmentVolumeApplication>(argc, argv); }
