#include "serval/Patches/Extraction.h"

#include "CaseQueue.h"
#include "serval/Core/Error.h"
#include "serval/Core/Random.h"

#include <malloc.h>

#include <algorithm>
#include <fstream>
#include <memory>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

CaseImages ReadCase(const Case & one, const std::vector<Candidate> & candidates, const ExtractionPlan & plan)
{
  CaseImages images;
  images.channels.push_back(ReadVolume(one.image));
  for (const auto & path : one.furtherChannels)
    images.channels.push_back(ReadVolume(path));
  if (plan.NeedsSegmentation())
    images.labels = ReadLabels(one.segmentation);
  if (plan.dense != ExtractionPlan::Dense::None)
    images.dense = ReadLabels(plan.dense == ExtractionPlan::Dense::Segmentation ? one.segmentation : one.pseudoSegmentation);
  images.candidates = candidates;
  if (plan.classFrom == ExtractionPlan::ClassSource::Case)
    images.caseClass = static_cast<int>(std::find(plan.classNames.begin(), plan.classNames.end(), one.className) - plan.classNames.begin());
  return images;
}

// Bytes of a file's voxels: a gzip file ends with the length of what it holds.
std::uint64_t LoadedBytes(const fs::path & path)
{
  std::error_code failure;
  std::uint64_t   bytes = 0;
  if (fs::is_directory(path, failure))
  {
    for (const auto & entry : fs::recursive_directory_iterator(path, failure))
      bytes += entry.is_regular_file(failure) ? entry.file_size(failure) : 0;
    return bytes;
  }
  bytes = fs::file_size(path, failure);
  if (failure)
    return 0; // told when the case is read
  if (path.extension() == ".gz" && bytes > 4)
  {
    unsigned char  length[4]{};
    std::ifstream  stream(path, std::ios::binary);
    stream.seekg(-4, std::ios::end);
    stream.read(reinterpret_cast<char *>(length), 4);
    bytes += length[0] | length[1] << 8 | length[2] << 16 | std::uint64_t{ length[3] } << 24;
  }
  return bytes;
}

// Patches as a share of the volume where a grid covers it.
double GridShare(const ExtractionPlan & plan)
{
  const auto & s = plan.sampling;
  const auto   along = [&](std::int64_t size, std::int64_t stride) { return stride > 0 ? double(size) / double(stride) : 1 / (1 - s.overlap); };
  const auto & size = plan.shape.size;
  return along(size.x, s.stride.x) * along(size.y, s.stride.y) * along(size.z, s.stride.z);
}

} // namespace

CasePatches ExtractCase(const Case & one, const std::vector<Candidate> & candidates, const ExtractionPlan & plan, CutCounts & counts)
{
  std::mt19937_64 random(DeriveSeed(plan.seed, { "patches", one.id }));
  auto            patches = CutPatches(ReadCase(one, candidates, plan), plan, random, counts);
  patches.caseId = one.id;
  patches.patient = one.patient;
  return patches;
}

namespace
{

/// What the threads of one run share; only turns touch the result.
struct CaseRun
{
  const std::vector<Case> &                        cases;
  const CandidateLists &                           candidates;
  const ExtractionPlan &                           plan;
  const std::function<void(const CasePatches &)> & take;
  ExtractionResult                                 result;

  std::function<void()> Cut(std::size_t at)
  {
    const auto found = candidates.find(cases[at].id);
    CutCounts  counts;
    try
    {
      auto patches = std::make_shared<CasePatches>(
        ExtractCase(cases[at], found == candidates.end() ? std::vector<Candidate>{} : found->second, plan, counts));
      return [this, at, patches = std::move(patches), counts] { HandOver(at, *patches, counts); };
    }
    catch (const Error & e)
    {
      return [this, at, e] { AddProblem(at, e); };
    }
  }

  void HandOver(std::size_t at, const CasePatches & patches, const CutCounts & counts)
  {
    try
    {
      take(patches);
      result.patches += patches.Count();
      result.counts.homogeneous += counts.homogeneous;
      result.counts.outside += counts.outside;
    }
    catch (const Error & e)
    {
      AddProblem(at, e);
    }
  }

  // Only what is wrong with the case itself; a full disk or a defect ends the run.
  void AddProblem(std::size_t at, const Error & e)
  {
    Require(e.Kind() == Fault::Input, e.Kind(), "case ", cases[at].id, ": ", e.what());
    result.problems.push_back({ cases[at].id, "extract-patches", e.what() });
  }
};

} // namespace

std::uint64_t ExpectedMemory(const Case & one, const ExtractionPlan & plan)
{
  std::uint64_t voxels = LoadedBytes(one.image);
  for (const auto & path : one.furtherChannels)
    voxels += LoadedBytes(path);
  std::uint64_t bytes = voxels;
  if (plan.NeedsSegmentation()) // as read, and as 16 bits
    bytes += 3 * LoadedBytes(one.segmentation);
  if (plan.dense != ExtractionPlan::Dense::None)
    bytes += 3 * LoadedBytes(plan.dense == ExtractionPlan::Dense::Segmentation ? one.segmentation : one.pseudoSegmentation);
  constexpr std::uint64_t perVoxel = 2; // 16 bits are usual
  const auto              views = plan.shape.ViewsPerPatch() * plan.shape.PatchesPerPlace() * (1 + one.furtherChannels.size());
  const auto              each = static_cast<std::uint64_t>(plan.shape.size.Voxels()) * views;
  const bool              isGrid = plan.sampling.sampler == SamplingPlan::Sampler::Grid;
  const auto              labels = plan.sampling.sampler == SamplingPlan::Sampler::Class ? static_cast<std::uint64_t>(plan.sampling.labels) : 1;
  return bytes + (isGrid ? static_cast<std::uint64_t>(double(voxels) * GridShare(plan)) * views
                         : each * perVoxel * static_cast<std::uint64_t>(plan.sampling.count) * labels);
}

ExtractionResult ExtractCases(const std::vector<Case> & cases, const CandidateLists & candidates, const ExtractionPlan & plan,
                              const ExtractionSettings & settings, const std::function<void(const CasePatches &)> & take,
                              Progress & progress)
{
  // Large buffers come back for the next case instead of being returned to the system and faulted in again.
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 512 << 20);
  std::vector<std::uint64_t> needs;
  for (const auto & one : cases)
  {
    needs.push_back(ExpectedMemory(one, plan));
    Require(settings.memory == 0 || needs.back() <= settings.memory, Fault::Environment, "case ", one.id, " alone takes about ",
            (needs.back() >> 20) + 1, " MiB, but --memory leaves ", settings.memory >> 20, " MiB for the cases; allow more, or lower --count");
  }
  CaseRun run{ cases, candidates, plan, take, {} };
  CaseQueue(std::move(needs), settings.memory).Run(settings.threads, [&](std::size_t at) { return run.Cut(at); }, progress);
  return run.result;
}

} // namespace serval
