#include "PointOptions.h"
#include "ReadingOptions.h"
#include "RunSibling.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Core/ScratchFolder.h"
#include "serval/Core/Text.h"
#include "serval/Inference/CohortInference.h"
#include "serval/Inference/HeatMap.h"
#include "serval/Network/LabelMark.h"

#include <algorithm>
#include <limits>

namespace serval
{
namespace
{

struct ClassifyVolume final : app::Application
{
  std::filesystem::path              input, model, heatmap, picture, labels, manifest, outputDirectory;
  std::vector<std::filesystem::path> channels;
  std::string                        heatmapClass, lesionRule = "mean", patientRule = "mean";
  std::string                        predictedClass, verdict;
  double                             probability = std::numeric_limits<double>::quiet_NaN();
  ReadingOptions                     reading;
  PointOptions                       points;
  ClassifyPlan                       plan;

  app::Description Describe() const override
  {
    return { "ServalClassifyVolume", "classify-volume", "Classify a volume", "Serval.Learning",
             "Applies a classifier to a new volume, or to all volumes of a manifest. A volume unlike those the model learned from gets no "
             "probability but the verdict not-assessed with its reason. --json takes the finding.",
             "With --manifest the same command line keeps the finished cases" };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("input", &input, "Volume: NIfTI, NRRD or MetaImage file, or a folder with a DICOM series").In("image").Positional(0).Optional();
    p.Add("model", &model, "Model").In("file", ".safetensors").Required();
    p.Add("channels", &channels, "Further channels on the volume's grid, in the model's order").In("image").Optional();
    p.Add("heatmap", &heatmap, "Map of a class's mean probability over the patches at each voxel").Out("image", ".nrrd,.nii.gz,.nii,.mha").Optional().Reference("input");
    p.Add("heatmapClass", &heatmapClass, "Class of the heat map; the found one when left out");
    p.Add("picture", &picture, "Slices with the found class at each place").Out("file", ".png").Optional();
    p.AddResult("predictedClass", &predictedClass, "Class of the largest probability; none where the volume is not assessed");
    p.AddResult("probability", &probability, "Of that class; nan where the volume is not assessed");
    p.AddResult("verdict", &verdict, "assessed, or not-assessed with the reason");
    reading.Declare(p);
    p.Group("Cohort");
    p.Add("manifest", &manifest, "Manifest, instead of a volume; finished cases are kept").In("file", ".csv").Optional();
    p.Add("outputDirectory", &outputDirectory, "Folder for CASE.json and classifications.csv").Out("directory").Optional();
    p.Group("Places of patches");
    p.Add("sampler", &plan.sampler, "model (as it was trained), grid, uniform, candidates, labels, or pseudo-segmentation:RECIPE with a preset, otsu, multi-otsu:N, fixed:T,T or percentile:P,P");
    p.Add("candidates", &points.candidates, "Points: Slicer's .fcsv or .mrk.json, or a table; of a manifest a table or folder by case").In("pointfile", ".fcsv,.mrk.json,.csv").Optional();
    points.DeclareCoordinates(p);
    p.Add("labels", &labels, "Label map of the sampler labels").In("label").Optional();
    p.Add("overlap", &plan.overlap, "Share by which neighbours on a grid overlap; below 0 as trained").Range(-1, 0.95);
    p.Add("count", &plan.count, "Places that are drawn; 0 as trained").Range(0, 1000000);
    p.AddSeed(&plan.seed);
    p.Group("Answer");
    p.Add("lesionRule", &lesionRule, "From patches to candidates").Choices({ "mean", "max", "vote", "noisy-or" });
    p.Add("patientRule", &patientRule, "From candidates, or patches without any, to the volume").Choices({ "mean", "max", "vote", "noisy-or" });
    p.Add("flips", &plan.computing.flips, "Also ask for the mirror images along each axis and take the mean");
    p.Group("Computing");
    p.AddDevice(&plan.computing.device);
    p.Add("precision", &plan.computing.precision, "Type of the maps; auto takes bfloat16 where the device computes it fast")
      .Choices({ "auto", "float32", "bfloat16", "float16" });
    p.Add("threads", &plan.computing.threads, "Threads; 0 takes all cores").Range(0, 4096);
  }
  void Run(app::Context & context) override
  {
    Require(input.empty() != manifest.empty(), Fault::Usage, "name a volume, or --manifest and --outputDirectory; --help lists the options");
    plan.ofLesions = AggregationFrom(lesionRule);
    plan.ofPatient = AggregationFrom(patientRule);
    const auto read = ModelFile::Read(model);
    Require(!LearnedShuffledLabels(read), Fault::Input, "the model learned from shuffled labels; it is a baseline of a study and assesses nobody");
    const auto hash = Sha256OfFile(model);
    manifest.empty() ? RunVolume(context, read, hash) : RunCohort(context, read, hash);
  }

private:
  void RunVolume(app::Context & context, const ModelFile & read, const std::string & hash)
  {
    if (!heatmap.empty())
      RequireVolumeExtension(heatmap);
    const auto asked = std::find(read.classNames.begin(), read.classNames.end(), heatmapClass);
    Require(heatmapClass.empty() || asked != read.classNames.end(), Fault::Usage, "the model has no class '", heatmapClass, "'; it has ", Join(read.classNames, ", "));
    Case one;
    one.image = input;
    one.furtherChannels = channels;
    one.segmentation = labels;
    CohortInferencePlan cohort{ plan, reading.Options(), {}, !labels.empty() };
    if (!points.candidates.empty())
      cohort.candidates[""] = points.OfVolume();
    const auto images = ReadCaseImages(one, cohort);
    const auto grid = images.channels.front().geometry;
    const auto finding = ClassifyCase(images, read, plan, context.progress);
    for (const auto & warning : finding.warnings)
      context.Say("warning: " + warning);
    context.WriteNumbers(ToJson(finding, read, hash));
    predictedClass = finding.isAssessed ? read.classNames[std::size_t(finding.Decision())] : "none";
    verdict = finding.isAssessed ? "assessed" : "not-assessed: " + finding.reason;
    if (!finding.isAssessed)
      return context.Say("not assessed: " + finding.reason);
    const auto found = static_cast<std::size_t>(finding.Decision());
    probability = finding.probabilities[found];
    if (!heatmap.empty())
      WriteVolume(HeatMap(grid, finding.places, heatmapClass.empty() ? found : std::size_t(asked - read.classNames.begin())), heatmap);
    if (!picture.empty())
      Draw(read, grid, finding);
    context.Say(Concat(predictedClass, ", probability ", FormatFixed(probability, 3), " (", finding.places.size(), " patches, ", finding.sampler, ")"));
  }

  void Draw(const ModelFile & read, const Geometry & grid, const CaseFinding & finding) const
  {
    const ScratchFolder folder;
    const auto          map = folder.Path() / "decisions.nrrd";
    WriteLabels(DecisionMap(grid, finding.places, read.classNames.size()), map);
    std::vector<std::string> words{ "ServalRenderVolume", input.string(), picture.string(), "--labels", map.string(), "--labelNames", Join(read.classNames, ","),
                                    "--title", Concat(predictedClass, " ", FormatFixed(probability, 3), "; colours: what each patch says"), "--placement", reading.placement, "--progress", "none" };
    if (!reading.series.empty())
      words.insert(words.end(), { "--series", reading.series });
    if (reading.repair.rule.isWanted)
      words.emplace_back("--repair");
    Require(RunSibling(words) == 0, Fault::Environment, "the picture could not be drawn; what render-volume said stands above");
  }

  void RunCohort(app::Context & context, const ModelFile & read, const std::string & hash) const
  {
    Require(!outputDirectory.empty() && heatmap.empty() && picture.empty() && labels.empty() && reading.series.empty(), Fault::Usage,
            "--manifest needs --outputDirectory, and takes no --heatmap, --picture, --labels (the column segmentation is read) or --series");
    CohortInferencePlan cohort{ plan, reading.Options(), points.Lists(), plan.sampler == "labels" };
    const auto          cases = Manifest::Read(manifest);
    const auto          result = ClassifyCohort(cases, read, hash, cohort, outputDirectory, context.progress);
    context.Say(Concat(result.assessed, " of ", cases.Cases().size(), " cases are assessed, ", result.notAssessed, " are not, ", result.problems.size(), " could not be read; ", result.kept,
                       " were finished before"));
    context.WriteNumbers(Concat("{\"schema\":\"serval-classification-cohort/1\",\"assessed\":", result.assessed, ",\"notAssessed\":", result.notAssessed, ",\"kept\":", result.kept,
                                ",\"failed\":", result.problems.size(), "}"));
    context.casesExcluded = !result.problems.empty();
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::ClassifyVolume>(argc, argv); }
