#include "ReadingOptions.h"
#include "RecipeOptions.h"
#include "serval/Core/PathDisplay.h"
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
  std::string           gate = "error";
  ReadingOptions        reading;
  RecipeOptions         recipe;
  CohortPlan            cohort;

  app::Description Describe() const override
  {
    return { "ServalSegmentByThreshold", "segment-by-threshold", "Segment by Threshold", "Serval.Preparation",
             "Makes pseudo-segmentations of a CT or MR volume, or of all volumes of a manifest, from thresholds: label maps "
             "that need no expert.",
             "With --manifest the same command line keeps the finished cases" };
  }

  // Slicer always passes the two volumes, as its positional parameters must have a value; they may be missing on a command
  // line that names a manifest instead.
  void Declare(app::Parameters & p) override
  {
    p.Add("input", &input, "CT or MR volume: NIfTI, NRRD, MetaImage, or a folder with a DICOM series").In("image").Positional(0).Optional();
    p.Add("output", &output, "Label map").Out("label", ".nrrd,.nii.gz,.nii,.mha").Positional(1).Reference("input").Optional();
    recipe.Declare(p);
    p.Group("Input and quality");
    reading.Declare(p);
    p.Add("gate", &gate, "What an empty, full or unstable result does: fail, be told, or nothing").Choices({ "error", "warn", "off" });
    recipe.DeclareLimits(p);
    p.Group("Cohort, on the command line instead of input and output");
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
    ThresholdRecipe chosen = recipe.Recipe();
    chosen.threads = cohort.threads;
    context.progress.Report(0.01, "Reading the volume");
    const Volume volume = ReadVolume(input, reading.Options());
    ProgressShare share(context.progress, 0.3, 0.9);
    const PseudoSegmentation result = Segment(volume, chosen, share);
    Require(result.verdict == Verdict::Ok || gate != "error", Fault::Input, "the pseudo-segmentation of ", Shown(input),
            " is ", ToText(result.verdict), ": ", result.reason, "; choose other thresholds, or --gate warn to keep it");
    context.progress.Report(0.9, "Writing the label map");
    WriteLabels(result.labels, output);
    Json json{ { "schema", "serval-pseudo-segmentation/1" } };
    json.update(Numbers(result));
    json["input"] = VoxelFingerprint(volume);
    json["changes"] = volume.changes;
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
    Require(gate == "error" && reading.series.empty(), Fault::Usage, "--gate and --series belong to one volume; for a manifest there is --acceptGate");
    cohort.recipe = recipe.Recipe();
    cohort.reading = reading.Options();
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
