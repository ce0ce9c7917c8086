#pragma once
// What patches are cut from: a manifest, one volume of a scene, or an image set; and by which plan.

#include "ExtractionOptions.h"
#include "ImageSetOptions.h"
#include "PointOptions.h"
#include "OneVolumeOptions.h"
#include "serval/Cache/CacheCare.h"
#include "serval/Core/Hash.h"
#include "serval/Core/PathDisplay.h"
#include "serval/Patches/Extraction.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace serval
{

struct ExtractionSource
{
  std::filesystem::path manifest;
  std::string           compression = "none";
  PointOptions          points;
  OneVolumeOptions          scene;
  ExtractionOptions     options;
  ImageSetOptions       imageSet;
  bool                  again = false;

  std::vector<Problem> problems; ///< cases that cannot be cut
  std::size_t          total = 0;

  /// The jobs of all good cases. With `stopsAtOnce`, Fault::Input where a case is bad.
  std::vector<ExtractionJob> Jobs(app::Context & context, const std::filesystem::path & cache, bool stopsAtOnce)
  {
    Require(int(manifest.empty()) + int(imageSet.path.empty()) + int(scene.image.empty()) == 2, Fault::Usage, "give --manifest, --image or --imageSet");
    scene.Check();
    m_Cache = cache;
    m_StopsAtOnce = stopsAtOnce;
    return !scene.image.empty() ? SceneJobs() : manifest.empty() ? ImageJobs(context) : VolumeJobs(context);
  }

  CacheDescription Description(const app::Context & context) const
  {
    return m_Plan.Description(m_Channels, CompressionFrom(compression), context.provenance.ToJson());
  }

  /// The cases' table, set or volume, as messages show it.
  std::string Name() const { return Shown(!scene.image.empty() ? scene.image : manifest.empty() ? imageSet.path : manifest); }

private:
  ExtractionPlan PlanOf(const std::vector<std::string> & caseClasses, const std::optional<ImageSetRule> & rule)
  {
    if (!again)
      return options.Plan(caseClasses, rule);
    const auto before = DescriptionOf(m_Cache);
    compression = ToText(before.compression);
    return ExtractionPlan::FromJson(before.parameters);
  }

  std::vector<ExtractionJob> SceneJobs()
  {
    options.classFrom = options.classFrom == "case" ? "none" : options.classFrom; // a volume has no class
    options.sampler = scene.points.empty() ? options.sampler : "candidates";
    m_Plan = PlanOf({}, {});
    m_Cases = { scene.Volume() };
    total = 1;
    const bool hasLabels = !scene.labels.empty() || (!m_Plan.NeedsLabels() && m_Plan.dense == ExtractionPlan::LabelColumn::None);
    Require(hasLabels, Fault::Usage, "--labels is missing: the sampler, --classFrom or --dense needs the volume's label map");
    if (!scene.points.empty())
      m_Candidates[scene.caseName] = ReadPoints(scene.points, CoordinatesFrom(points.coordinates));
    return JobsOf(m_Cases, m_Candidates, m_Plan);
  }

  std::vector<ExtractionJob> VolumeJobs(app::Context & context)
  {
    const auto read = Manifest::Read(manifest);
    m_Plan = PlanOf(read.ClassNames(), {});
    Require(!m_Plan.imageSet, Fault::Usage, "the cache holds an image set; give --imageSet");
    m_Channels = read.ChannelNames().size();
    Require((m_Plan.sampling.sampler == SamplingPlan::Sampler::Candidates) == !points.candidates.empty(), Fault::Usage,
            "--sampler candidates and --candidates belong together");
    m_Candidates = points.Lists();
    context.provenance.inputs["manifest"] = Sha256OfFile(manifest);
    problems = read.Check(m_Plan.NeededColumns());
    if (m_StopsAtOnce)
      RequireNoProblems(problems, Name());
    std::copy_if(read.Cases().begin(), read.Cases().end(), std::back_inserter(m_Cases), [&](const Case & one) {
      return std::none_of(problems.begin(), problems.end(), [&](const Problem & p) { return p.caseId == one.id; });
    });
    total = read.Cases().size();
    return JobsOf(m_Cases, m_Candidates, m_Plan);
  }

  std::vector<ExtractionJob> ImageJobs(const app::Context & context)
  {
    m_Plan = PlanOf({}, imageSet.Rule(!options.size.empty()));
    Require(m_Plan.imageSet.has_value(), Fault::Usage, "the cache holds patches of volumes; give --manifest");
    m_Set = imageSet.Open(m_Plan, context);
    m_Channels = m_Plan.imageSet->colour == ImageSetRule::Colour::Rgb ? 3 : 1;
    auto jobs = JobsOf(m_Set, m_Plan);
    total = jobs.size();
    return jobs;
  }

  ExtractionPlan       m_Plan;
  std::vector<Case>    m_Cases;
  CandidateLists       m_Candidates;
  ImageSet             m_Set;
  std::size_t          m_Channels = 1;
  std::filesystem::path m_Cache;
  bool                  m_StopsAtOnce = true;
};

} // namespace serval
