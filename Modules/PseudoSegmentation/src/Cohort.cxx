#include "serval/PseudoSegmentation/Cohort.h"

#include "CasePicture.h"
#include "CaseRecord.h"
#include "CohortFiles.h"
#include "ContactSheet.h"
#include "Gate.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/JobQueue.h"

#include <algorithm>
#include <span>

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
  const Volume      volume = ReadVolume(source.image, plan.reading);
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

// What is not a case's own fault (a full disk, a wrong recipe) travels on.
CohortCase TryCase(const Case & source, const CohortPlan & plan, const CohortFiles & files)
{
  try
  {
    return SegmentCase(source, plan, files);
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

} // namespace

std::vector<CohortCase> SegmentCohort(const Manifest & manifest, const CohortPlan & plan, const fs::path & folder,
                                      Progress & progress)
{
  Require(plan.outlierLimit > 0 && plan.threads >= 1, Fault::Usage, "the limit of outliers and the threads must be above 0");
  const CohortFiles files(folder);
  files.Prepare(manifest, plan);
  ProgressShare           share(progress, 0, 0.95);
  const auto &            sources = manifest.Cases();
  std::vector<CohortCase> cases(sources.size());
  JobQueue(sources.size()).Run(plan.threads, [&](std::size_t i) { cases[i] = TryCase(sources[i], plan, files); }, share);
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
