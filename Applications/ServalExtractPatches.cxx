#include "ExtractionOptions.h"

#include "serval/Core/Hash.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Patches/Extraction.h"

#include <sys/resource.h>

#include <algorithm>

namespace serval
{
namespace
{

struct ExtractPatches final : app::Application
{
  std::filesystem::path manifest, cache, candidates, excluded;
  std::string           coordinates = "LPS", onError = "stop";
  ExtractionOptions     options;
  int                   threads = 0, memory = 0;

  app::Description Describe() const override
  {
    return { "ServalExtractPatches", "extract-patches", "Extract patches", "Serval.Preparation",
             "Cuts 2D, 2.5D or 3D patches out of every volume of a manifest into a patch cache (HDF5), in native intensities, "
             "with class, segmentation and true geometry." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("manifest", &manifest, "Table of the cases").In("file", ".csv");
    p.Add("cache", &cache, "Patch cache to write, a folder NAME.cache").Out("directory");
    p.Add("candidates", &candidates, "Sampler candidates: a table case,x,y,z[,label,id,coordinates,...], or a folder of CASE.csv, CASE.mrk.json or "
                                     "CASE.fcsv")
      .In("file", ".csv")
      .Optional();
    p.Add("coordinates", &coordinates, "Of tables that do not state theirs: LPS or RAS in mm, IJK in voxels from 0").Choices({ "LPS", "RAS", "IJK" });
    options.DeclareShape(p);
    options.DeclareSampling(p);
    options.DeclareLabels(p);
    p.Group("Failing cases");
    p.Add("onError", &onError, "Stop at a case that fails, or skip it (exit code 6, --excluded)").Choices({ "stop", "skip" });
    p.Add("excluded", &excluded, "Table of the cases left out").Out("file", ".csv").Optional();
    p.Group("Running");
    p.Add("threads", &threads, "Cases cut at once; 0 takes all cores").Range(0, 4096);
    p.Add("memory", &memory, "MiB that the cases in work may take together; 0 for no limit").Range(0, 100000000);
  }
  void Run(app::Context & context) override
  {
    const auto read = Manifest::Read(manifest);
    const auto plan = options.Plan(read.ClassNames());
    Require((plan.sampling.sampler == SamplingPlan::Sampler::Candidates) == !candidates.empty(), Fault::Usage,
            "--sampler candidates and --candidates belong together");
    const auto lists = candidates.empty() ? CandidateLists{} : ReadCandidates(candidates, CoordinatesFrom(coordinates));
    context.provenance.inputs["manifest"] = Sha256OfFile(manifest);
    auto problems = read.Check(plan.NeededColumns());
    if (onError == "stop")
      RequireNoProblems(problems, Shown(manifest));
    std::vector<Case> cases;
    std::copy_if(read.Cases().begin(), read.Cases().end(), std::back_inserter(cases), [&](const Case & one) {
      return std::none_of(problems.begin(), problems.end(), [&](const Problem & p) { return p.caseId == one.id; });
    });
    PatchCacheWriter writer(cache, MakeDescription(plan, read, context));
    const auto       result = ExtractCases(
      cases, lists, plan, { threads, std::uint64_t(memory) << 20 }, [&](const CasePatches & patches) { writer.Add(patches); }, context.progress);
    problems.insert(problems.end(), result.problems.begin(), result.problems.end());
    if (onError == "stop") // all problems of all cases at once
      RequireNoProblems(problems, Shown(manifest));
    writer.Commit();
    Finish(context, problems, read.Cases().size(), result);
  }

private:
  CacheDescription MakeDescription(const ExtractionPlan & plan, const Manifest & read, const app::Context & context) const
  {
    CacheDescription d;
    d.patch = plan.shape.size;
    d.channels = static_cast<int>(plan.shape.ViewsPerPatch() * read.ChannelNames().size());
    d.classNames = plan.classNames;
    d.segmentationNames = plan.denseNames;
    d.segmentationKind = plan.SegmentationKind();
    d.sampler = ToText(plan.sampling.sampler);
    d.seed = plan.seed;
    d.provenance = context.provenance.ToJson();
    return d;
  }

  void Finish(app::Context & context, const std::vector<Problem> & problems, std::size_t cases, const ExtractionResult & result) const
  {
    context.casesExcluded = !problems.empty();
    if (!problems.empty())
      WriteExcluded(problems, excluded.empty() ? std::filesystem::absolute(cache).lexically_normal().parent_path() / "excluded.csv" : excluded);
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto peak = used.ru_maxrss / 1024;
    context.Say(Concat(result.patches, " patches of ", cases - problems.size(), " of ", cases, " cases; peak memory ", peak, " MiB"));
    if (result.counts.homogeneous > 0)
      context.Say(Concat(result.counts.homogeneous, " homogeneous patches rejected (--minimumDeviation)"));
    if (result.counts.outside > 0)
      context.Say(Concat(result.counts.outside, " candidates left out whose patches leave their volumes"));
    context.WriteNumbers(Concat("{\"schema\":\"serval-extraction/1\",\"cases\":", cases, ",\"excluded\":", problems.size(), ",\"patches\":",
                                result.patches, ",\"homogeneous\":", result.counts.homogeneous, ",\"outside\":", result.counts.outside,
                                ",\"peakMemoryMiB\":", peak, "}"));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::ExtractPatches>(argc, argv); }
