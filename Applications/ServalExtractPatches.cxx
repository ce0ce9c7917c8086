#include "ExtractionSource.h"
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
  std::filesystem::path cache, excluded;
  std::string           onError = "stop";
  ExtractionSource      from;
  int                   threads = 0, memory = 0;
  bool                  dryRun = false;

  app::Description Describe() const override
  {
    return { "ServalExtractPatches", "extract-patches", "Extract patches", "Serval.Preparation",
             "Cuts 2D, 2.5D or 3D patches out of every volume of a manifest into a patch cache (HDF5), in native intensities, with class, "
             "segmentation and true geometry. What is up to date in the cache is kept; an extraction that was ended goes on.",
             "The same command line goes on and keeps the finished cases" };
  }
  void Declare(app::Parameters & p) override
  {
    p.Add("manifest", &from.manifest, "Table of the cases").In("file", ".csv").Optional();
    p.Add("cache", &cache, "Patch cache to write, a folder NAME.cache").Out("directory");
    from.scene.Declare(p);
    p.Add("compression", &from.compression, "Of the stored patches; gzip is read by every HDF5").Choices({ "none", "gzip", "zstd" });
    p.Add("again", &from.again, "Take all options of patches, places and labels from the cache as it is there");
    p.Add("dryRun", &dryRun, "Only tell how many patches, bytes and minutes it would be, and for each case why it would be made");
    p.Add("candidates", &from.points.candidates, "Sampler candidates: a table case,x,y,z[,label,id,...], or a folder of CASE.csv, CASE.mrk.json or CASE.fcsv")
      .In("file", ".csv").Optional();
    from.points.DeclareCoordinates(p);
    from.options.DeclareShape(p);
    from.options.DeclareSampling(p);
    from.options.DeclareLabels(p);
    from.imageSet.Declare(p);
    p.Group("Failing cases");
    p.Add("onError", &onError, "Stop at a case that fails, or skip it (exit code 6, --excluded)").Choices({ "stop", "skip" });
    p.Add("excluded", &excluded, "Table of the cases left out").Out("file", ".csv").Optional();
    p.Group("Running");
    p.Add("threads", &threads, "Cases cut at once; 0 takes all cores").Range(0, 4096);
    p.Add("memory", &memory, "MiB that the cases in work may take together; 0 for no limit").Range(0, 100000000);
  }
  void Run(app::Context & context) override
  {
    const auto jobs = from.Jobs(context, cache, onError == "stop" && !dryRun);
    const auto description = from.Description(context);
    if (dryRun)
      return Tell(context, ForecastExtraction(jobs, description, cache, threads, context.progress));
    PatchCacheWriter writer(cache, description);
    const auto       result = Extract(jobs, { threads, std::uint64_t(memory) << 20 }, writer, context.progress);
    from.problems.insert(from.problems.end(), result.problems.begin(), result.problems.end());
    if (onError == "stop") // all problems of all cases at once
      RequireNoProblems(from.problems, from.Name());
    std::vector<std::string> ids;
    std::transform(jobs.begin(), jobs.end(), std::back_inserter(ids), [](const ExtractionJob & job) { return job.caseId; });
    writer.Commit(ids);
    Finish(context, result);
  }

private:
  void Tell(app::Context & context, const Forecast & forecast) const
  {
    for (const auto & problem : from.problems)
      context.Say(problem.caseId + ": " + problem.reason);
    for (const auto & one : forecast.cases)
      context.Say(one.caseId + ": " + one.reason);
    context.Say(forecast.ToText() + "; nothing was written");
    context.WriteNumbers(forecast.ToJson());
  }

  void Finish(app::Context & context, ExtractionResult result) const
  {
    context.casesExcluded = !from.problems.empty();
    if (!from.scene.centres.empty())
      from.scene.WriteCentres(cache);
    if (!from.problems.empty())
      WriteExcluded(from.problems, excluded.empty() ? std::filesystem::absolute(cache).lexically_normal().parent_path() / "excluded.csv" : excluded);
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto peak = used.ru_maxrss / 1024;
    if (result.kept > 0)
      result.patches = PatchCache(cache).Patches().size();
    context.Say(Concat(result.ToText(from.total, from.problems.size()), "; peak memory ", peak, " MiB"));
    context.WriteNumbers(result.ToJson(from.total, from.problems.size(), peak));
  }
};

} // namespace
} // namespace serval

int main(int argc, char ** argv) { return serval::app::Main<serval::ExtractPatches>(argc, argv); }
