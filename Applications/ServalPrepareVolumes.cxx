#include "ReadingOptions.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Hash.h"
#include "serval/Preparation/CohortPreparation.h"
#include "serval/Volume/Orientation.h"

#include <nlohmann/json.hpp>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

struct PrepareVolumes final : app::Application
{
  fs::path                 input, output, manifest, outputDirectory, plan, spacingPlan, matchHistogram, excluded;
  std::string              orientation, interpolation = "bspline", clipFrom = "case", foreground = "mean", fitSplit = "train",
                           onError = "stop";
  std::vector<double>      spacing, percentileClip;
  std::vector<std::string> windows;
  bool                     fitSpacing = false, fitHistogram = false, n4 = false, zscore = false;
  int                      threads = 0, channel = -1;
  ReadingOptions           readingOptions;

  app::Description Describe() const override
  {
    return { "ServalPrepareVolumes", "prepare-volumes", "Prepare Volumes", "Serval.Preparation",
             "Brings volumes and their segmentations to one orientation, voxel size and intensity scale: one volume, or all "
             "cases of a manifest. Whatever is fitted comes from the training cases only." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("input", &input, "One CT or MR volume").In("image").Optional();
    p.Add("output", &output, "The prepared volume").Out("image", ".nii.gz,.nrrd,.nii,.mha").Optional();
    p.Add("manifest", &manifest, "Or a table of cases").In("file", ".csv").Optional();
    p.Add("outputDirectory", &outputDirectory, "Folder of the prepared cases, their manifest.csv and plan.json").Out("directory").Optional();
    p.Group("Grid");
    p.Add("orientation", &orientation, "Sides of the patient to which x, y, z run, such as LPS or RAS; empty keeps each volume's");
    p.Add("spacing", &spacing, "Voxel size in mm, x,y,z after orientation").Range(0.001, 100);
    p.Add("fitSpacing", &fitSpacing, "Or the training cases' median, by nnU-Net's rule for thick slices");
    p.Add("spacingPlan", &spacingPlan, "Or that of an earlier plan.json").In("file", ".json").Optional();
    p.Add("interpolation", &interpolation, "Of images; segmentations get the nearest label").Choices({ "bspline", "linear" });
    p.Group("Intensity");
    p.Add("n4", &n4, "Remove the bias field (N4)");
    p.Add("foreground", &foreground, "Voxels of all statistics: above the mean (the body), above 0, or all").Choices({ "mean", "positive", "all" });
    p.Add("percentileClip", &percentileClip, "Clip at these two percentiles").Range(0, 100);
    p.Add("clipFrom", &clipFrom, "Percentiles of each case, or the training cases' median").Choices({ "case", "train" });
    p.Add("fitHistogram", &fitHistogram, "Map each volume to a scale from 0 to 100 fitted on the training cases (Nyul)");
    p.Add("matchHistogram", &matchHistogram, "Or match the histogram of this volume").In("image").Optional();
    p.Add("zscore", &zscore, "Mean 0 and standard deviation 1 in the foreground");
    p.Add("window", &windows, "Window LOW:HIGH becomes 0 to 1; several make channels (image, image_window2, ...)");
    p.Group("Cases");
    p.Add("plan", &plan, "A plan.json to apply as it is, instead of options of grid and intensity").In("file", ".json").Optional();
    p.Add("fitSplit", &fitSplit, "The split that is fitted on; all is transductive, and recorded as such");
    p.Add("threads", &threads, "Cases at once; 0 takes all cores").Range(0, 4096);
    p.Add("onError", &onError, "Stop at a case that fails, or skip it (exit code 6, --excluded)").Choices({ "stop", "skip" });
    p.Add("excluded", &excluded, "Table of the cases left out").Out("file", ".csv").Optional();
    p.Group("Reading");
    p.Add("channel", &channel, "Of one volume with several channels or time points: number from 0; -1 expects one").Range(-1, 100000);
    readingOptions.Declare(p);
  }
  void Run(app::Context & context) override
  {
    const bool isCohort = !manifest.empty();
    Require(isCohort ? !outputDirectory.empty() && input.empty() && output.empty() : !input.empty() && !output.empty() && outputDirectory.empty(),
            Fault::Usage, "missing: give --input and --output for one volume, or --manifest and --outputDirectory for a cohort");
    const PreparationRequest request = Request();
    ReadOptions              reading = readingOptions.Options();
    reading.channel = channel;
    if (!isCohort)
      return RunOne(context, request, reading);
    Require(channel < 0 && reading.series.empty(), Fault::Usage, "--channel and --series belong to --input; the manifest names one file or ",
            "folder for each channel");
    CohortSettings settings{ outputDirectory, request, reading, fitSplit, threads, onError == "skip" };
    context.provenance.inputs["manifest"] = Sha256OfFile(manifest);
    const auto result = PrepareCohort(manifest, settings, context.progress);
    WriteTextFile(outputDirectory / "plan.json", PlanText(result.plan, context));
    context.casesExcluded = !result.problems.empty();
    if (context.casesExcluded)
      WriteExcluded(result.problems, excluded.empty() ? outputDirectory / "excluded.csv" : excluded);
    context.Say(Concat(result.cases, " cases prepared, ", result.problems.size(), " left out"));
    if (result.plan.spacing)
      context.Say(Concat("voxels of ", result.plan.spacing->spacing.x, " x ", result.plan.spacing->spacing.y, " x ",
                         result.plan.spacing->spacing.z, " mm"));
    context.WriteNumbers(PlanText(result.plan, context));
  }

private:
  void RunOne(app::Context & context, const PreparationRequest & request, const ReadOptions & reading) const
  {
    RequireVolumeExtension(output);
    Require(!request.NeedsFit(), Fault::Usage, "nothing can be fitted on one volume: --fitSpacing, --fitHistogram and ",
            "--clipFrom train belong to --manifest");
    Require(request.plan.windows.size() <= 1, Fault::Usage, "several windows make several files; they belong to --manifest");
    context.progress.Report(0.05, "Preparing the volume");
    const auto one = PrepareCase({ "volume", { { "image", input } }, {}, reading }, request.plan, request.reference ? &*request.reference : nullptr);
    context.progress.Report(0.9, "Writing the volume");
    WriteVolume(one.images.front().second, output);
    const auto & g = one.images.front().second.geometry;
    context.Say(Concat(ToText(g.extent), " voxels of ", g.spacing.x, " x ", g.spacing.y, " x ", g.spacing.z, " mm"));
    for (const auto & change : one.changes)
      context.Say(change);
    context.WriteNumbers(PlanText(request.plan, context));
  }
  static std::string PlanText(const PreparationPlan & plan, const app::Context & context)
  {
    auto json = nlohmann::json::parse(plan.ToJson());
    json["provenance"] = nlohmann::json::parse(context.provenance.ToJson());
    return json.dump(2) + "\n";
  }
  PreparationRequest Request() const
  {
    PreparationRequest request;
    auto &             own = request.plan;
    const bool         isOwn = !orientation.empty() || !spacing.empty() || fitSpacing || !spacingPlan.empty() || n4 ||
                       !percentileClip.empty() || fitHistogram || !matchHistogram.empty() || zscore || !windows.empty();
    Require(plan.empty() || !isOwn, Fault::Usage, "--plan brings its own grid and intensities; leave out the other options of both");
    if (!plan.empty())
      own = PreparationPlan::Read(plan);
    Require(own.reference.empty(), Fault::Usage, "a plan with a matched histogram needs its volume: give --matchHistogram and its other options");
    if (!plan.empty())
      return request;
    own.orientation = orientation;
    if (!orientation.empty())
      RequireOrientationCode(orientation);
    own.interpolation = interpolation == "linear" ? Interpolation::Linear : Interpolation::BSpline;
    own.correctsBias = n4;
    own.foreground = ForegroundFrom(foreground);
    own.zScores = zscore;
    own.windows = WindowsFrom(windows);
    request.fitsSpacing = fitSpacing;
    request.fitsStandard = fitHistogram;
    SetSpacing(request, spacing, spacingPlan);
    SetClip(request, percentileClip, clipFrom == "train");
    SetReference(request, matchHistogram);
    return request;
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::PrepareVolumes>(argc, argv); }
