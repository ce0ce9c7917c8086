#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/PseudoSegmentation/PseudoSegmentation.h"

#include <nlohmann/json.hpp>

namespace serval
{

struct SegmentByThreshold final : app::Application
{
  std::filesystem::path input, output;
  std::string           preset = "none", method = "otsu", series, gate = "error";
  int                   classes = 3, largest = 0;
  std::vector<double>   thresholds, percentiles;
  bool                  fillHoles = false;
  double                minimumSize = 0;
  GateLimits            limits;

  app::Description Describe() const override
  {
    return { "ServalSegmentByThreshold", "segment-by-threshold", "Segment by Threshold", "Serval.Preparation",
             "Makes a pseudo-segmentation of a CT or MR volume from thresholds: a label map that needs no expert." };
  }

  void Declare(app::Parameters & p) override
  {
    std::vector<std::string> presets = ThresholdRecipeNames();
    presets.insert(presets.begin(), "none");
    p.Add("input", &input, "CT or MR volume: NIfTI, NRRD, MetaImage, or a folder with a DICOM series").In("image").Positional(0);
    p.Add("output", &output, "Label map").Out("label", ".nrrd,.nii.gz,.nii,.mha").Positional(1);
    p.Group("Thresholds");
    p.Add("preset", &preset, "A named recipe, instead of a method").Choices(presets);
    p.Add("method", &method, "How thresholds are found").Choices(ThresholdMethodNames());
    p.Add("classes", &classes, "Classes of multi-otsu, the darkest included").Range(2, 8);
    p.Add("thresholds", &thresholds, "Thresholds of the method fixed, increasing, in the volume's intensities (HU for CT)");
    p.Add("percentiles", &percentiles, "Percentiles of the method percentile, increasing, from 0.1 to 99.9");
    p.Group("Cleaning");
    p.Add("largest", &largest, "Keep so many of the largest parts of the foreground; 0 keeps all").Range(0, 100000);
    p.Add("fillHoles", &fillHoles, "Give background enclosed in the foreground the label 1");
    p.Add("minimumSize", &minimumSize, "Remove parts of the foreground below this size in mm^3").Range(0, 1e9);
    p.Group("Input and quality", true);
    p.Add("series", &series, "Of a DICOM folder with several series: number in the listing, or SeriesInstanceUID");
    p.Add("gate", &gate, "What an empty, full or unstable result does: fail, be told, or nothing").Choices({ "error", "warn", "off" });
    p.Add("emptyShare", &limits.emptyShare, "A label with a smaller part of the voxels is empty").Range(0, 1);
    p.Add("fullShare", &limits.fullShare, "Full is a volume with a smaller part of background").Range(0, 1);
    p.Add("jitter", &limits.jitter, "Shift of the thresholds, as part of the intensity range, that must change little").Range(0, 1);
    p.Add("unstableShare", &limits.unstableShare, "Part of the voxels that may change under this shift").Range(0, 1);
  }

  void Run(app::Context & context) override
  {
    RequireVolumeExtension(output);
    const ThresholdRecipe recipe = Recipe();
    context.progress.Report(0.01, "Reading the volume");
    const Volume volume = ReadVolume(input, { series });
    ProgressShare share(context.progress, 0.3, 0.9);
    const PseudoSegmentation result = Segment(volume, recipe, share);
    Require(result.verdict == Verdict::Ok || gate != "error", Fault::Input, "the pseudo-segmentation of '", input.string(),
            "' is ", ToText(result.verdict), ": ", result.reason, "; choose other thresholds, or --gate warn to keep it");
    context.progress.Report(0.9, "Writing the label map");
    WriteLabels(result.labels, output);
    context.WriteNumbers(Numbers(context, volume, result).dump(2));
    for (const auto & entry : result.classes)
      context.Say(Concat(entry.value, ' ', entry.name, ": ", entry.voxels, " voxels, ", FormatFixed(entry.milliliters, 2), " ml"));
    if (result.verdict != Verdict::Ok && gate == "warn")
      context.Say(Concat("warning: ", ToText(result.verdict), ", ", result.reason));
  }

private:
  ThresholdRecipe Recipe() const
  {
    const auto      wanted = ThresholdMethodOf(method);
    ThresholdRecipe recipe;
    if (preset != "none")
      recipe = NamedThresholdRecipe(preset);
    Require(preset == "none" || (method == "otsu" && thresholds.empty() && percentiles.empty() && classes == 3), Fault::Usage,
            "--preset ", preset, " brings its own thresholds; leave out --method, --classes, --thresholds and --percentiles");
    Require(thresholds.empty() || wanted == ThresholdMethod::Fixed, Fault::Usage, "--thresholds belong to --method fixed");
    Require(percentiles.empty() || wanted == ThresholdMethod::Percentile, Fault::Usage,
            "--percentiles belong to --method percentile");
    if (preset == "none")
    {
      recipe.method = wanted;
      recipe.classes = classes;
      recipe.thresholds = thresholds;
      recipe.percentiles = percentiles;
    }
    recipe.largest = largest > 0 ? largest : recipe.largest;
    recipe.fillHoles = fillHoles || recipe.fillHoles;
    recipe.minimumSize = minimumSize > 0 ? minimumSize : recipe.minimumSize;
    recipe.limits = limits;
    return recipe;
  }

  static nlohmann::ordered_json Numbers(const app::Context & context, const Volume & volume, const PseudoSegmentation & result)
  {
    nlohmann::ordered_json json{ { "schema", "serval-pseudo-segmentation/1" }, { "thresholds", result.thresholds } };
    json["labels"] = nlohmann::ordered_json::array();
    for (const auto & entry : result.classes)
      json["labels"].push_back(
        { { "value", entry.value }, { "name", entry.name }, { "voxels", entry.voxels }, { "ml", entry.milliliters } });
    json["verdict"] = ToText(result.verdict);
    json["reason"] = result.reason;
    json["changed"] = result.changed;
    json["input"] = VoxelFingerprint(volume);
    json["provenance"] = nlohmann::ordered_json::parse(context.provenance.ToJson());
    return json;
  }
};

} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::SegmentByThreshold>(argc, argv); }
