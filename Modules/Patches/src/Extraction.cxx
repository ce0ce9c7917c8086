#include "serval/Patches/Extraction.h"

#include "serval/Core/Error.h"
#include "serval/Core/JobQueue.h"

#include <malloc.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <mutex>
#include <utility>

namespace serval
{
namespace
{

/// What the threads of one run share.
class Run
{
public:
  Run(const std::vector<ExtractionJob> & jobs, PatchCacheWriter & writer)
    : m_Jobs(jobs)
    , m_Writer(writer)
  {}

  void Do(std::size_t at)
  {
    CutCounts   counts;
    std::size_t patches = 0;
    bool        isKept = false;
    try
    {
      const auto read = m_Jobs[at].read();
      isKept = m_Writer.Look(read.source).isUpToDate;
      if (!isKept)
        patches = Make(read, counts);
    }
    catch (const Error & e)
    {
      AddProblem(at, e);
      return;
    }
    const std::lock_guard lock(m_Mutex);
    ++(isKept ? m_Result.kept : m_Result.made);
    m_Result.patches += patches;
    m_Result.counts.homogeneous += counts.homogeneous;
    m_Result.counts.outside += counts.outside;
  }

  ExtractionResult Result()
  {
    std::sort(m_Problems.begin(), m_Problems.end(), [](const auto & a, const auto & b) { return a.first < b.first; });
    for (auto & [at, problem] : m_Problems)
      m_Result.problems.push_back(std::move(problem));
    return std::move(m_Result);
  }

private:
  std::size_t Make(const ReadCase & read, CutCounts & counts)
  {
    auto patches = read.cut(counts);
    static_cast<CaseSource &>(patches) = read.source;
    m_Writer.Add(patches);
    return patches.Count();
  }

  // Only what is wrong with the case itself; a full disk or a defect ends the run.
  void AddProblem(std::size_t at, const Error & e)
  {
    Require(e.Kind() == Fault::Input, e.Kind(), "case ", m_Jobs[at].caseId, ": ", e.what());
    const std::lock_guard lock(m_Mutex);
    m_Problems.emplace_back(at, Problem{ m_Jobs[at].caseId, "extract-patches", e.what() });
  }

  const std::vector<ExtractionJob> &           m_Jobs;
  PatchCacheWriter &                           m_Writer;
  ExtractionResult                             m_Result;
  std::vector<std::pair<std::size_t, Problem>> m_Problems;
  std::mutex                                   m_Mutex;
};

} // namespace

std::string ExtractionResult::ToText(std::size_t total, std::size_t excluded) const
{
  std::string text = Concat(patches, " patches of ", total - excluded, " of ", total, " cases");
  if (kept > 0)
    text += Concat("; ", kept, " cases were up to date");
  if (counts.homogeneous > 0)
    text += Concat("; ", counts.homogeneous, " homogeneous patches rejected");
  if (counts.outside > 0)
    text += Concat("; ", counts.outside, " candidates left out, too near the border");
  return text;
}

std::string ExtractionResult::ToJson(std::size_t total, std::size_t excluded, long peakMemoryMiB) const
{
  return nlohmann::json{
    { "schema", "serval-extraction/1" },
    { "cases", total },
    { "excluded", excluded },
    { "kept", kept },
    { "patches", patches },
    { "homogeneous", counts.homogeneous },
    { "outside", counts.outside },
    { "peakMemoryMiB", peakMemoryMiB }
  }.dump();
}

ExtractionResult Extract(const std::vector<ExtractionJob> & jobs, const ExtractionSettings & settings,
                         PatchCacheWriter & writer, Progress & progress)
{
  // Large buffers come back for the next case instead of being returned to the system and faulted in again.
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 512 << 20);
  std::vector<std::uint64_t> needs;
  for (const auto & job : jobs)
  {
    needs.push_back(job.memory);
    Require(settings.memory == 0 || job.memory <= settings.memory, Fault::Environment, "case ", job.caseId,
            " alone takes about ", (job.memory >> 20) + 1, " MiB, but --memory leaves ", settings.memory >> 20,
            " MiB for the cases; allow more, or lower --count");
  }
  Run run(jobs, writer);
  JobQueue(std::move(needs), settings.memory)
    .Run(
      settings.threads, [&](std::size_t at) { run.Do(at); }, progress);
  return run.Result();
}

} // namespace serval
