#include "serval/PseudoSegmentation/Cohort.h"

#include "CasePicture.h"
#include "CaseRecord.h"
#include "CohortFiles.h"
#include "ContactSheet.h"
#include "Gate.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <span>
#include <thread>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

std::string HashOfFile(const fs::path & file)
{
  const std::string bytes = ReadTextFile(file, std::uint64_t{ 1 } << 36);
  return ContentHash(std::as_bytes(std::span(bytes)));
}

// The record stands before the label map is renamed: a label map without a record is never ours.
void WriteWhole(const PseudoSegmentation & result, const std::string & key, const CohortFiles & files, const std::string & id)
{
  AtomicOutput output(files.Labels(id));
  WriteLabels(result.labels, output.Path());
  WriteRecord({ key, HashOfFile(output.Path()), result }, files.Record(id));
  output.Commit();
}

std::string PictureOf(const Volume & volume, const PseudoSegmentation & result, bool isCt)
{
  return isCt ? CasePicture(volume, result.labels, -900, 500) // HU
              : CasePicture(volume, result.labels, result.low, result.high);
}

CohortCase SegmentCase(const Case & source, const CohortPlan & plan, const CohortFiles & files)
{
  CohortCase one;
  one.id = source.id;
  RequireFileName(source.id);
  Require(!source.image.empty(), Fault::Input, "the column 'image' is empty");
  const Volume      volume = ReadVolume(source.image);
  const std::string key = KeyOf(volume, plan.recipe);
  const auto        record = ReadRecord(files.Record(source.id));
  const fs::path    file = files.Labels(source.id);
  one.isKept = record && record->key == key && fs::exists(file) && HashOfFile(file) == record->labelsHash;
  PseudoSegmentation result;
  if (one.isKept)
    result = { record->summary, ReadLabels(file) };
  else
  {
    result = Segment(volume, plan.recipe);
    WriteWhole(result, key, files, source.id);
  }
  one.picture = PictureOf(volume, result, plan.recipe.isBodyFirst);
  one.summary = result;
  Judge(one.summary, plan.recipe.limits);
  return one;
}

CohortCase FailedCase(const Case & source, const std::string & reason)
{
  CohortCase one;
  one.id = source.id;
  one.summary.verdict = Verdict::Failed;
  one.summary.reason = WithoutPaths(reason, source.image);
  return one;
}

/// Cases on threads; what is not a case's own fault (a full disk, a wrong recipe) stops them all.
class CaseQueue
{
public:
  CaseQueue(const std::vector<Case> & sources, const CohortPlan & plan, const CohortFiles & files, Progress & progress)
    : m_Sources(sources)
    , m_Plan(plan)
    , m_Files(files)
    , m_Progress(progress)
    , m_Done(sources.size())
  {}

  std::vector<CohortCase> Run()
  {
    std::vector<std::thread> threads;
    for (int i = 1; i < std::min(m_Plan.threads, static_cast<int>(m_Sources.size())); ++i)
      threads.emplace_back([this] { Work(); });
    Work();
    for (auto & thread : threads)
      thread.join();
    if (m_Failure)
      std::rethrow_exception(m_Failure);
    return std::move(m_Done);
  }

private:
  void Work()
  {
    for (std::size_t i = m_Next++; i < m_Sources.size(); i = m_Next++)
    {
      try
      {
        m_Done[i] = TryCase(m_Sources[i]);
      }
      catch (...)
      {
        const std::lock_guard lock(m_Mutex);
        m_Failure = m_Failure ? m_Failure : std::current_exception();
        m_Next = m_Sources.size();
        return;
      }
      const std::lock_guard lock(m_Mutex);
      ++m_Finished;
      m_Progress.Report(static_cast<double>(m_Finished) / static_cast<double>(m_Sources.size()),
                        Concat("Case ", m_Finished, " of ", m_Sources.size()));
    }
  }

  CohortCase TryCase(const Case & source) const
  {
    try
    {
      return SegmentCase(source, m_Plan, m_Files);
    }
    catch (const Error & e)
    {
      Require(e.Kind() == Fault::Input, e.Kind(), "case ", source.id, ": ", e.what());
      return FailedCase(source, e.what());
    }
    catch (const std::bad_alloc &)
    {
      return FailedCase(source, "the volume does not fit into the memory");
    }
  }

  const std::vector<Case> & m_Sources;
  const CohortPlan &        m_Plan;
  const CohortFiles &       m_Files;
  Progress &                m_Progress;
  std::vector<CohortCase>   m_Done;
  std::atomic<std::size_t>  m_Next{ 0 };
  std::size_t               m_Finished = 0;
  std::mutex                m_Mutex;
  std::exception_ptr        m_Failure;
};

} // namespace

std::vector<CohortCase> SegmentCohort(const Manifest & manifest, const CohortPlan & plan, const fs::path & folder,
                                      Progress & progress)
{
  Require(plan.outlierLimit > 0 && plan.threads >= 1, Fault::Usage, "the limit of outliers and the threads must be above 0");
  const CohortFiles files(folder);
  files.Prepare(manifest, plan);
  ProgressShare           share(progress, 0, 0.95);
  std::vector<CohortCase> cases = CaseQueue(manifest.Cases(), plan, files, share).Run();
  MarkOutliers(cases, plan);
  progress.Report(0.96, "Writing the contact sheet");
  files.WriteTable(cases, plan);
  WriteTextFile(files.Folder() / "contact-sheet.html", ContactSheet(cases, plan));
  files.WriteExcludedCases(cases, plan);
  files.WriteManifest(manifest, cases, plan);
  progress.Report(1, "Segmented");
  return cases;
}

} // namespace serval
