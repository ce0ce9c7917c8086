#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Text.h"
#include "serval/PseudoSegmentation/Cohort.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace serval
{
namespace
{

using Json = nlohmann::ordered_json;

struct SegmentByThreshold final : app::Application
{
  std::filesystem::path input, output, manifest, outputDirectory;
  std::string           preset = "none", method = "otsu", series, gate = "error";
  int                   classes = 3;
  std::vector<double>   thresholds, percentiles;
  ThresholdRecipe       cleaning;
  CohortPlan            cohort;

  app::Description Describe() const override
  {
    return { "ServalSegmentByThreshold", "segment-by-threshold", "Segment by Threshold", "Serval.Preparation",
             "Makes pseudo-segmentations of a CT or MR volume, or of all volumes of a manifest, from thresholds: label maps "
             "that need no expert." };
  }

  // Slicer always passes the two volumes, as its positional parameters must have a value; they may be missing on a command
  // line that names a manifest instead.
  void Declare(app::Parameters & p) override
  {
    std::vector<std::string> presets = ThresholdRecipeNames();
    presets.insert(presets.begin(), "none");
    GateLimits & limits = cleaning.limits;
    p.Add("input", &input, "CT or MR volume: NIfTI, NRRD, MetaImage, or a folder with a DICOM series").In("image").Positional(0).Optional();
    p.Add("output", &output, "Label map").Out("label", ".nrrd,.nii.gz,.nii,.mha").Positional(1).Optional();
    p.Group("Thresholds");
    p.Add("preset", &preset, "A named recipe, instead of a method").Choices(presets);
    p.Add("method", &method, "How thresholds are found").Choices(ThresholdMethodNames());
    p.Add("classes", &classes, "Classes of multi-otsu, the darkest included").Range(2, 8);
    p.Add("thresholds", &thresholds, "Thresholds of the method fixed, increasing, in the volume's intensities (HU for CT)");
    p.Add("percentiles", &percentiles, "Percentiles of the method percentile, increasing, from 0.1 to 99.9");
    p.Group("Cleaning");
    p.Add("opening", &cleaning.opening, "Open the foreground with a cross of this radius in voxels").Range(0, 100);
    p.Add("largest", &cleaning.largest, "Keep so many of the largest parts of the foreground; 0 keeps all").Range(0, 100000);
    p.Add("fillHoles", &cleaning.fillHoles, "Give background enclosed in the foreground the label 1");
    p.Add("minimumSize", &cleaning.minimumSize, "Remove parts of the foreground below this size in mm^3").Range(0, 1e9);
    p.Group("Input and quality", true);
    p.Add("series", &series, "Of a DICOM folder with several series: number in the listing, or SeriesInstanceUID");
    p.Add("gate", &gate, "What an empty, full or unstable result does: fail, be told, or nothing").Choices({ "error", "warn", "off" });
    p.Add("emptyShare", &limits.emptyShare, "A label with a smaller part of the voxels is empty").Range(0, 1);
    p.Add("fullShare", &limits.fullShare, "Full is a volume with a smaller part of background").Range(0, 1);
    p.Add("jitter", &limits.jitter, "Shift of the thresholds, as part of the intensity range, that must change little").Range(0, 1);
    p.Add("unstableShare", &limits.unstableShare, "Part of the voxels that may change under this shift").Range(0, 1);
    p.Group("Cohort, on the command line instead of input and output", true);
    p.Add("manifest", &manifest, "Table of the cases").In("file", ".csv").Optional();
    p.Add("outputDirectory", &outputDirectory, "Folder of label maps, contact sheet, tables and the new manifest").Out("directory").Optional();
    p.Add("column", &cohort.column, "Column of the new manifest that names the label maps").Choices({ "pseudo_segmentation", "segmentation" });
    p.Add("outlierLimit", &cohort.outlierLimit, "Robust z-score against the cohort beyond which a case is an outlier").Range(0.1, 1e9);
    p.Add("acceptGate", &cohort.acceptGate, "Use empty, full, unstable and outlying label maps all the same");
    p.Add("threads", &cohort.threads, "Threads of one volume, or cases of a manifest at the same time").Range(1, 1024);
  }

  void Run(app::Context & context) override
  {
    const bool isCohort = !manifest.empty() || !outputDirectory.empty();
    if (isCohort)
      return RunCohort(context);
    Require(!input.empty() && !output.empty(), Fault::Usage, input.empty() ? "input" : "output",
            " is missing: name a volume and a label map, or --manifest and --outputDirectory; --help lists the options");
    Require(!cohort.acceptGate, Fault::Usage, "--acceptGate belongs to --manifest; for one volume there is --gate");
    RunVolume(context);
  }

private:
  void RunVolume(app::Context & context) const
  {
    RequireVolumeExtension(output);
    ThresholdRecipe recipe = Recipe();
    recipe.threads = cohort.threads;
    context.progress.Report(0.01, "Reading the volume");
    const Volume volume = ReadVolume(input, { series });
    ProgressShare share(context.progress, 0.3, 0.9);
    const PseudoSegmentation result = Segment(volume, recipe, share);
    Require(result.verdict == Verdict::Ok || gate != "error", Fault::Input, "the pseudo-segmentation of '", input.string(),
            "' is ", ToText(result.verdict), ": ", result.reason, "; choose other thresholds, or --gate warn to keep it");
    context.progress.Report(0.9, "Writing the label map");
    WriteLabels(result.labels, output);
    Json json{ { "schema", "serval-pseudo-segmentation/1" } };
    json.update(Numbers(result));
    json["input"] = VoxelFingerprint(volume);
    json["provenance"] = Json::parse(context.provenance.ToJson());
    context.WriteNumbers(json.dump(2));
    for (const auto & entry : result.classes)
      context.Say(Concat(entry.value, ' ', entry.name, ": ", entry.voxels, " voxels, ", FormatFixed(entry.milliliters, 2), " ml"));
    if (result.verdict != Verdict::Ok && gate == "warn")
      context.Say(Concat("warning: ", ToText(result.verdict), ", ", result.reason));
  }

  void RunCohort(app::Context & context)
  {
    Require(input.empty() && !manifest.empty() && !outputDirectory.empty(), Fault::Usage,
            "a cohort needs --manifest and --outputDirectory, and no volume beside them");
    Require(gate == "error" && series.empty(), Fault::Usage, "--gate and --series belong to one volume; for a manifest there is --acceptGate");
    cohort.recipe = Recipe();
    context.provenance.inputs["manifest"] = Sha256OfFile(manifest);
    const auto cases = SegmentCohort(Manifest::Read(manifest), cohort, outputDirectory, context.progress);
    const auto used = static_cast<std::size_t>(std::count_if(cases.begin(), cases.end(), [&](const auto & one) { return IsUsed(one, cohort); }));
    const auto kept = std::count_if(cases.begin(), cases.end(), [](const auto & one) { return one.isKept; });
    Json       json{ { "schema", "serval-pseudo-segmentation-cohort/1" }, { "used", used }, { "kept", kept }, { "cases", Json::array() } };
    for (const auto & one : cases)
    {
      json["cases"].push_back({ { "case", one.id }, { "used", IsUsed(one, cohort) }, { "deviation", one.deviation } });
      json["cases"].back().update(Numbers(one.summary));
      if (one.summary.verdict != Verdict::Ok)
        context.Say(Concat("case ", one.id, " is ", ToText(one.summary.verdict), ": ", one.summary.reason));
    }
    json["provenance"] = Json::parse(context.provenance.ToJson());
    context.WriteNumbers(json.dump(2));
    context.Say(Concat("label maps of ", used, " of ", cases.size(), " cases are used, ", kept, " of them from an earlier run"));
    Require(used > 0, Fault::Input, "no case is left; contact-sheet.html and excluded.csv in the output folder say why");
    context.casesExcluded = used < cases.size();
  }

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
    recipe.opening = cleaning.opening;
    recipe.largest = cleaning.largest > 0 ? cleaning.largest : recipe.largest;
    recipe.fillHoles = cleaning.fillHoles || recipe.fillHoles;
    recipe.minimumSize = cleaning.minimumSize > 0 ? cleaning.minimumSize : recipe.minimumSize;
    recipe.limits = cleaning.limits;
    return recipe;
  }

  static Json Numbers(const PseudoSummary & summary)
  {
    Json json{ { "thresholds", summary.thresholds }, { "labels", Json::array() } };
    for (const auto & entry : summary.classes)
      json["labels"].push_back(
        { { "value", entry.value }, { "name", entry.name }, { "voxels", entry.voxels }, { "ml", entry.milliliters } });
    json["verdict"] = ToText(summary.verdict);
    json["reason"] = summary.reason;
    json["changed"] = summary.changed;
    return json;
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::SegmentByThreshold>(argc, argv); }
