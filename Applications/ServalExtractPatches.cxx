#include "serval/Cache/PatchCacheWriter.h"
#include "serval/CommandLine/Application.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Text.h"
#include "serval/Patches/Extraction.h"

#include <algorithm>

namespace serval
{
namespace
{

struct ExtractPatches final : app::Application
{
  std::filesystem::path    manifest, cache, excluded;
  std::vector<int>         size{ 16, 16, 16 }, stride, classLabels;
  std::vector<std::string> classNames, denseNames, mergeLabels;
  std::string              sampler = "uniform", classFrom = "case", dense = "none", shortfall = "error", onError = "stop";
  int                      count = 8;
  double                   purity = 0;
  std::uint64_t            seed = 1;

  app::Description Describe() const override
  {
    return { "ServalExtractPatches", "extract-patches", "Extract patches", "Serval.Preparation",
             "Cuts 2D or 3D patches out of every volume of a manifest into a patch cache (HDF5), in native intensities, "
             "with class, segmentation and true geometry. Every patch lies wholly inside its volume." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("manifest", &manifest, "Table of the cases").In("file", ".csv");
    p.Add("cache", &cache, "Patch cache to write, a folder NAME.cache").Out("directory");
    p.Group("Patches");
    p.Add("size", &size, "Patch size in voxels x,y,z; z = 1 gives 2D patches of axial slices").Range(1, 4096);
    p.Add("sampler", &sampler, "Where patches are taken: grid, uniform, class (count centres on each label), foreground").Choices({ "grid", "uniform", "class", "foreground" });
    p.Add("count", &count, "Patches a volume, or a label with the class sampler").Range(1, 1000000);
    p.Add("stride", &stride, "Steps of the grid in voxels x,y,z; the patch size when empty").Range(1, 4096);
    p.Add("purity", &purity, "Class sampler: least share of the patch with its centre's label").Range(0, 1);
    p.Add("shortfall", &shortfall, "When a quota cannot be met: error, skip the case, or take fewer").Choices({ "error", "skip", "fewer" });
    p.AddSeed(&seed);
    p.Group("Labels");
    p.Add("classFrom", &classFrom, "A patch's class: the manifest's class of its case, the segmentation's label at its centre, or none")
      .Choices({ "case", "centre", "none" });
    p.Add("classNames", &classNames, "Names of labels 0,1,2,... for classFrom centre and the class sampler");
    p.Add("classLabels", &classLabels, "Labels of the segmentation that classNames names, in its order; 0,1,2,... when left out").Range(0, 65535);
    p.Add("dense", &dense, "Column stored as the patches' segmentation").Choices({ "none", "segmentation", "pseudo_segmentation" });
    p.Add("denseNames", &denseNames, "Names of the stored labels 0,1,2,...");
    p.Add("mergeLabels", &mergeLabels, "Labels joined in the stored segmentation, as OLD:NEW,OLD:NEW");
    p.Group("Failing cases");
    p.Add("onError", &onError, "Stop at a case that fails, or skip it (exit code 6, --excluded)").Choices({ "stop", "skip" });
    p.Add("excluded", &excluded, "Table of the cases left out").Out("file", ".csv").Optional();
  }
  void Run(app::Context & context) override
  {
    const auto read = Manifest::Read(manifest);
    const auto plan = MakePlan(read);
    context.provenance.inputs["manifest"] = Sha256OfFile(manifest);
    auto       problems = read.Check(plan.NeededColumns());
    if (onError == "stop")
      RequireNoProblems(problems, manifest.string());
    PatchCacheWriter writer(cache, MakeDescription(plan, context), ExpectedBytes(read.Cases().size()));
    std::size_t      patches = 0;
    const auto &     cases = read.Cases();
    for (std::size_t i = 0; i < cases.size(); ++i)
    {
      context.progress.Report(double(i) / double(cases.size()), Concat("Case ", i + 1, " of ", cases.size()));
      if (std::any_of(problems.begin(), problems.end(), [&](const Problem & p) { return p.caseId == cases[i].id; }))
        continue;
      try
      {
        const auto cut = ExtractCase(cases[i], plan);
        patches += cut.Count();
        if (!writer.Look(cut).isUpToDate)
          writer.Add(cut);
      }
      catch (const Error & e)
      {
        Require(e.Kind() == Fault::Input, e.Kind(), "case ", cases[i].id, ": ", e.what());
        problems.push_back({ cases[i].id, "extract-patches", e.what() });
      }
    }
    if (onError == "stop") // all problems of all cases at once
      RequireNoProblems(problems, manifest.string());
    writer.Commit();
    Finish(context, problems, cases.size(), patches);
  }

private:
  ExtractionPlan MakePlan(const Manifest & read) const
  {
    const auto extent = [](const std::vector<int> & v) { return Extent{ v[0], v[1], v[2] }; };
    Require(size.size() == 3 && (stride.empty() || stride.size() == 3), Fault::Usage, "--size and --stride need three numbers x,y,z");
    Require((classFrom != "centre" && sampler != "class") || !classNames.empty(), Fault::Usage, "--classFrom centre and --sampler class need --classNames");
    Require(classLabels.empty() || classLabels.size() == classNames.size(), Fault::Usage, "--classLabels and --classNames have different lengths");
    Require((dense == "none") == denseNames.empty(), Fault::Usage, "--dense and --denseNames belong together");
    ExtractionPlan plan;
    plan.cut.sampling = { SamplingPlan::SamplerFrom(sampler), SamplingPlan::ShortfallFrom(shortfall), extent(size),
                          extent(stride.empty() ? size : stride), count, static_cast<int>(classNames.size()), purity };
    plan.cut.denseLabels = static_cast<int>(denseNames.size());
    plan.cut.classFromCentre = classFrom == "centre";
    for (const auto & pair : mergeLabels)
    {
      const auto parts = Split(pair, ':');
      const auto from = ParseInteger(parts.front()), to = ParseInteger(parts.back());
      Require(parts.size() == 2 && from && to, Fault::Usage, "--mergeLabels: '", pair, "' is not OLD:NEW");
      plan.cut.mergeLabels[static_cast<int>(*from)] = static_cast<int>(*to);
    }
    plan.dense = ExtractionPlan::DenseFrom(dense);
    plan.classLabels = classLabels;
    if (classFrom == "case")
      plan.caseClasses = read.ClassNames();
    Require(classFrom != "case" || !plan.caseClasses.empty(), Fault::Input, "'", manifest.string(), "' has no column class; choose --classFrom centre or none");
    plan.seed = seed;
    return plan;
  }

  CacheDescription MakeDescription(const ExtractionPlan & plan, const app::Context & context) const
  {
    CacheDescription d;
    d.patch = plan.cut.sampling.patch;
    d.classNames = plan.cut.classFromCentre ? classNames : plan.caseClasses;
    d.segmentationNames = denseNames;
    d.segmentationKind = dense == "segmentation" ? "expert-labels" : dense == "pseudo_segmentation" ? "pseudo-labels" : "";
    d.sampler = sampler;
    d.seed = seed;
    auto parameters = context.provenance;
    parameters.inputs.clear();
    d.parameters = parameters.ToJson();
    d.provenance = context.provenance.ToJson();
    return d;
  }

  // Five bytes a voxel and patch; of a grid only the lower bound of one patch a case is known beforehand.
  std::uint64_t ExpectedBytes(std::size_t cases) const
  {
    const std::size_t each = sampler == "grid" ? 1 : static_cast<std::size_t>(count) * (sampler == "class" ? classNames.size() : 1);
    return 5 * each * cases * static_cast<std::size_t>(size[0]) * static_cast<std::size_t>(size[1]) * static_cast<std::size_t>(size[2]);
  }

  void Finish(app::Context & context, const std::vector<Problem> & problems, std::size_t cases, std::size_t patches) const
  {
    context.casesExcluded = !problems.empty();
    if (!problems.empty())
      WriteExcluded(problems, excluded.empty() ? std::filesystem::absolute(cache).lexically_normal().parent_path() / "excluded.csv" : excluded);
    context.Say(Concat(patches, " patches of ", cases - problems.size(), " of ", cases, " cases"));
    context.WriteNumbers(Concat("{\"schema\":\"serval-extraction/1\",\"cases\":", cases, ",\"excluded\":", problems.size(), ",\"patches\":", patches, "}"));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::ExtractPatches>(argc, argv); }
