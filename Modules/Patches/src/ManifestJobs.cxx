#include "serval/Core/Hash.h"
#include "serval/Core/Random.h"
#include "serval/Patches/Extraction.h"
#include "serval/Volume/LabelsOnGrid.h"

#include <algorithm>
#include <fstream>
#include <memory>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

const fs::path & LabelFile(const Case & one, ExtractionPlan::LabelColumn column)
{
  return column == ExtractionPlan::LabelColumn::Segmentation ? one.segmentation : one.pseudoSegmentation;
}

CaseImages ImagesOf(const Case & one, const std::vector<Candidate> & candidates, const ExtractionPlan & plan)
{
  CaseImages images;
  images.channels.push_back(ReadVolume(one.image));
  for (const auto & path : one.furtherChannels)
    images.channels.push_back(ReadVolume(path));
  if (plan.NeedsLabels())
    images.labels = ReadLabelsOn(images.channels.front().geometry, LabelFile(one, plan.labelsFrom));
  if (plan.dense != ExtractionPlan::LabelColumn::None)
    images.dense = ReadLabelsOn(images.channels.front().geometry, LabelFile(one, plan.dense));
  images.candidates = candidates;
  if (plan.classFrom == ExtractionPlan::ClassSource::Case)
    images.caseClass = static_cast<int>(std::find(plan.classNames.begin(), plan.classNames.end(), one.className) -
                                        plan.classNames.begin());
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
    unsigned char length[4]{};
    std::ifstream stream(path, std::ios::binary);
    stream.seekg(-4, std::ios::end);
    stream.read(reinterpret_cast<char *>(length), 4);
    bytes += std::uint64_t{ length[0] } | std::uint64_t{ length[1] } << 8 | std::uint64_t{ length[2] } << 16 |
             std::uint64_t{ length[3] } << 24;
  }
  return bytes;
}

// Patches as a share of the volume where a grid covers it.
double GridShare(const ExtractionPlan & plan)
{
  const auto & s = plan.sampling;
  const auto   along = [&](std::int64_t size, std::int64_t stride) {
    return stride > 0 ? double(size) / double(stride) : 1 / (1 - s.overlap);
  };
  const auto & size = plan.shape.size;
  return along(size.x, s.stride.x) * along(size.y, s.stride.y) * along(size.z, s.stride.z);
}

std::uint64_t PatchBytes(const ExtractionPlan & plan, std::size_t channels, std::uint64_t volume)
{
  constexpr std::uint64_t perVoxel = 2; // 16 bits are usual
  const auto              views = plan.shape.ViewsPerPatch() * plan.shape.PatchesPerPlace() * channels;
  const bool              isClass = plan.sampling.sampler == SamplingPlan::Sampler::Class;
  if (plan.sampling.sampler == SamplingPlan::Sampler::Grid)
    return static_cast<std::uint64_t>(double(volume) * GridShare(plan)) * views;
  return static_cast<std::uint64_t>(plan.shape.size.Voxels()) * views * perVoxel *
         static_cast<std::uint64_t>(plan.sampling.count) * (isClass ? plan.classNames.size() : 1);
}

std::uint64_t ExpectedMemory(const Case & one, const ExtractionPlan & plan)
{
  std::uint64_t voxels = LoadedBytes(one.image), labels = 0;
  for (const auto & path : one.furtherChannels)
    voxels += LoadedBytes(path);
  if (plan.NeedsLabels())
    labels += LoadedBytes(LabelFile(one, plan.labelsFrom));
  if (plan.dense != ExtractionPlan::LabelColumn::None)
    labels += LoadedBytes(LabelFile(one, plan.dense));
  return voxels + 3 * labels +
         PatchBytes(plan, 1 + one.furtherChannels.size(), voxels); // labels as read, and in 16 bits
}

} // namespace

std::vector<ExtractionJob> JobsOf(const std::vector<Case> & cases, const CandidateLists & lists,
                                  const ExtractionPlan & plan)
{
  static const std::vector<Candidate> none;
  std::vector<ExtractionJob>          jobs;
  for (const Case & one : cases)
  {
    const auto   found = lists.find(one.id);
    const auto & candidates = found == lists.end() ? none : found->second;
    const auto   read = [&one, &candidates, &plan]() -> ReadCase {
      auto       images = std::make_shared<CaseImages>(ImagesOf(one, candidates, plan));
      const bool isCaseClass = plan.classFrom == ExtractionPlan::ClassSource::Case; // else the class decides nothing
      CaseSource source{ one.id,
                         one.patient,
                         one.timePoint,
                         isCaseClass ? one.className : "",
                         SourceFingerprint(*images),
                         LabelFingerprint(*images) };
      return { std::move(source), [images, &one, &plan](CutCounts & counts) {
                std::mt19937_64 random(DeriveSeed(plan.seed, { "patches", one.id }));
                return CutPatches(*images, plan, random, counts);
              } };
    };
    jobs.push_back({ one.id, ExpectedMemory(one, plan), read });
  }
  return jobs;
}

} // namespace serval
