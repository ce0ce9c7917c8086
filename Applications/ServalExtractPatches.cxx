#include "ExtractionOptions.h"
#include "ImageSetOptions.h"
#include "serval/Cache/CacheCare.h"
#include "serval/Core/Hash.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Patches/Forecast.h"

#include <sys/resource.h>

#include <algorithm>

namespace serval
{
namespace
{

struct ExtractPatches final : app::Application
{
  std::filesystem::path manifest, cache, candidates, excluded;
  std::string           coordinates = "LPS", onError = "stop", compression = "none";
  ExtractionOptions     options;
  ImageSetOptions       imageSet;
  int                   threads = 0, memory = 0;
  bool                  dryRun = false, again = false;

  app::Description Describe() const override
  {
    return { "ServalExtractPatches", "extract-patches", "Extract patches", "Serval.Preparation",
             "Cuts 2D, 2.5D or 3D patches out of every volume of a manifest into a patch cache (HDF5), in native intensities, with class, "
             "segmentation and true geometry. What is up to date in the cache is kept; an extraction that was ended goes on." };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("manifest", &manifest, "Table of the cases").In("file", ".csv").Optional();
    p.Add("cache", &cache, "Patch cache to write, a folder NAME.cache").Out("directory");
    p.Add("compression", &compression, "Of the stored patches; gzip is read by every HDF5").Choices({ "none", "gzip", "zstd" });
    p.Add("again", &again, "Take all options of patches, places and labels from the cache as it is there");
    p.Add("dryRun", &dryRun, "Only tell how many patches, bytes and minutes it would be, and for each case why it would be made");
    p.Add("candidates", &candidates, "Sampler candidates: a table case,x,y,z[,label,id,...], or a folder of CASE.csv, CASE.mrk.json or CASE.fcsv")
      .In("file", ".csv").Optional();
    p.Add("coordinates", &coordinates, "Of tables that do not state theirs: LPS or RAS in mm, IJK in voxels from 0").Choices({ "LPS", "RAS", "IJK" });
    options.DeclareShape(p);
    options.DeclareSampling(p);
    options.DeclareLabels(p);
    imageSet.Declare(p);
    p.Group("Failing cases");
    p.Add("onError", &onError, "Stop at a case that fails, or skip it (exit code 6, --excluded)").Choices({ "stop", "skip" });
    p.Add("excluded", &excluded, "Table of the cases left out").Out("file", ".csv").Optional();
    p.Group("Running");
    p.Add("threads", &threads, "Cases cut at once; 0 takes all cores").Range(0, 4096);
    p.Add("memory", &memory, "MiB that the cases in work may take together; 0 for no limit").Range(0, 100000000);
  }
  void Run(app::Context & context) override
  {
    Require(manifest.empty() != imageSet.path.empty(), Fault::Usage, "give --manifest or --imageSet");
    const auto jobs = manifest.empty() ? ImageJobs(context) : VolumeJobs(context);
    const auto description = m_Plan.Description(m_Channels, CompressionFrom(compression), context.provenance.ToJson());
    if (dryRun)
      return Tell(context, ForecastExtraction(jobs, description, cache, threads, context.progress));
    PatchCacheWriter writer(cache, description);
    const auto       result = Extract(jobs, { threads, std::uint64_t(memory) << 20 }, writer, context.progress);
    m_Problems.insert(m_Problems.end(), result.problems.begin(), result.problems.end());
    if (onError == "stop") // all problems of all cases at once
      RequireNoProblems(m_Problems, Source());
    std::vector<std::string> ids;
    std::transform(jobs.begin(), jobs.end(), std::back_inserter(ids), [](const ExtractionJob & job) { return job.caseId; });
    writer.Commit(ids);
    Finish(context, result);
  }

private:
  std::string Source() const { return Shown(manifest.empty() ? imageSet.path : manifest); }

  ExtractionPlan PlanOf(const std::vector<std::string> & caseClasses, const std::optional<ImageSetRule> & rule)
  {
    if (!again)
      return options.Plan(caseClasses, rule);
    const auto before = DescriptionOf(cache);
    compression = ToText(before.compression);
    return ExtractionPlan::FromJson(before.parameters);
  }

  std::vector<ExtractionJob> VolumeJobs(app::Context & context)
  {
    const auto read = Manifest::Read(manifest);
    m_Plan = PlanOf(read.ClassNames(), {});
    Require(!m_Plan.imageSet, Fault::Usage, "the cache holds an image set; give --imageSet");
    m_Channels = read.ChannelNames().size();
    Require((m_Plan.sampling.sampler == SamplingPlan::Sampler::Candidates) == !candidates.empty(), Fault::Usage,
            "--sampler candidates and --candidates belong together");
    if (!candidates.empty())
      m_Candidates = ReadCandidates(candidates, CoordinatesFrom(coordinates));
    context.provenance.inputs["manifest"] = Sha256OfFile(manifest);
    m_Problems = read.Check(m_Plan.NeededColumns());
    if (onError == "stop" && !dryRun)
      RequireNoProblems(m_Problems, Source());
    std::copy_if(read.Cases().begin(), read.Cases().end(), std::back_inserter(m_Cases), [&](const Case & one) {
      return std::none_of(m_Problems.begin(), m_Problems.end(), [&](const Problem & p) { return p.caseId == one.id; });
    });
    m_Total = read.Cases().size();
    return JobsOf(m_Cases, m_Candidates, m_Plan);
  }

  std::vector<ExtractionJob> ImageJobs(const app::Context & context)
  {
    m_Plan = PlanOf({}, imageSet.Rule(!options.size.empty()));
    Require(m_Plan.imageSet.has_value(), Fault::Usage, "the cache holds patches of volumes; give --manifest");
    m_Set = imageSet.Open(m_Plan, context);
    m_Channels = m_Plan.imageSet->colour == ImageSetRule::Colour::Rgb ? 3 : 1;
    auto jobs = JobsOf(m_Set, m_Plan);
    m_Total = jobs.size();
    return jobs;
  }

  void Tell(app::Context & context, const Forecast & forecast) const
  {
    for (const auto & problem : m_Problems)
      context.Say(problem.caseId + ": " + problem.reason);
    for (const auto & one : forecast.cases)
      context.Say(one.caseId + ": " + one.reason);
    context.Say(forecast.ToText() + "; nothing was written");
    context.WriteNumbers(forecast.ToJson());
  }

  void Finish(app::Context & context, ExtractionResult result) const
  {
    context.casesExcluded = !m_Problems.empty();
    if (!m_Problems.empty())
      WriteExcluded(m_Problems, excluded.empty() ? std::filesystem::absolute(cache).lexically_normal().parent_path() / "excluded.csv" : excluded);
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto peak = used.ru_maxrss / 1024;
    if (result.kept > 0)
      result.patches = PatchCache(cache).Patches().size();
    context.Say(Concat(result.ToText(m_Total, m_Problems.size()), "; peak memory ", peak, " MiB"));
    context.WriteNumbers(result.ToJson(m_Total, m_Problems.size(), peak));
  }

  ExtractionPlan       m_Plan;
  std::vector<Case>    m_Cases;
  CandidateLists       m_Candidates;
  ImageSet             m_Set;
  std::vector<Problem> m_Problems;
  std::size_t          m_Channels = 1, m_Total = 0;
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::ExtractPatches>(argc, argv); }
