#include "serval/Inference/SegmentVolume.h"

#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Core/Error.h"
#include "serval/Core/ScratchFolder.h"
#include "serval/Core/Text.h"
#include "serval/Inference/InferenceSampler.h"
#include "serval/Inference/Tiling.h"
#include "serval/Patches/CutPatches.h"
#include "serval/Training/InputContract.h"
#include "serval/Volume/Resample.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace serval
{
namespace
{

/// Weighted sums of logits above those of label 0, on the volume's grid; neither labels nor probabilities need more.
class Blend
{
public:
  Blend(const Extent & volume, const Tiling & tiling, int labels)
    : m_Volume(volume)
    , m_Window(tiling.Window())
    , m_Tiling(tiling)
    , m_Labels(static_cast<std::size_t>(labels))
    , m_Sums((m_Labels - 1) * static_cast<std::size_t>(volume.Voxels()))
  {}

  void Add(const Extent & corner, std::span<const float> logits)
  {
    const auto from = std::max<std::int64_t>(0, -corner.x), to = std::min(m_Window.x, m_Volume.x - corner.x);
    if (m_Weights.empty() || m_Tiling.IsExact())
      m_Weights = m_Tiling.Weights(corner);
    for (std::size_t k = 1; k < m_Labels; ++k)
      for (std::int64_t z = 0; z < m_Window.z; ++z)
        for (std::int64_t y = 0; y < m_Window.y; ++y)
        {
          const auto Z = corner.z + z, Y = corner.y + y;
          if (Z < 0 || Y < 0 || Z >= m_Volume.z || Y >= m_Volume.y)
            continue;
          const auto    row = (z * m_Window.y + y) * m_Window.x;
          const float * values = logits.data() + static_cast<std::int64_t>(k) * m_Window.Voxels() + row;
          const float * zero = logits.data() + row;
          const float * weights = m_Weights.data() + row;
          float *       sums = m_Sums.data() + static_cast<std::int64_t>(k - 1) * m_Volume.Voxels() + (Z * m_Volume.y + Y) * m_Volume.x + corner.x;
          for (auto x = from; x < to; ++x)
            sums[x] += weights[x] * (values[x] - zero[x]);
        }
    if (m_KeepsWeights)
      AddWeights(corner, from, to);
  }

  /// To be called before Add where Probabilities are wanted; labels do not need the sums of the weights.
  void KeepWeights()
  {
    m_KeepsWeights = true;
    m_Total.resize(static_cast<std::size_t>(m_Volume.Voxels()));
  }

  std::vector<std::uint16_t> Labels() const
  {
    const auto                 voxels = static_cast<std::size_t>(m_Volume.Voxels());
    std::vector<std::uint16_t> labels(voxels);
    for (std::size_t i = 0; i < voxels; ++i)
      for (std::size_t k = 1; k < m_Labels; ++k)
        if (SumOf(k, i) > SumOf(labels[i], i))
          labels[i] = static_cast<std::uint16_t>(k);
    return labels;
  }

  /// Softmax of the mean logits, one volume a label.
  std::vector<std::vector<float>> Probabilities() const
  {
    const auto                      voxels = static_cast<std::size_t>(m_Volume.Voxels());
    std::vector<std::vector<float>> all(m_Labels, std::vector<float>(voxels));
    for (std::size_t i = 0; i < voxels; ++i)
    {
      float largest = 0, sum = 0;
      for (std::size_t k = 1; k < m_Labels; ++k)
        largest = std::max(largest, SumOf(k, i));
      for (std::size_t k = 0; k < m_Labels; ++k)
        sum += all[k][i] = std::exp((SumOf(k, i) - largest) / m_Total[i]);
      for (std::size_t k = 0; k < m_Labels; ++k)
        all[k][i] /= sum;
    }
    return all;
  }

private:
  float SumOf(std::size_t label, std::size_t voxel) const { return label == 0 ? 0 : m_Sums[(label - 1) * static_cast<std::size_t>(m_Volume.Voxels()) + voxel]; }

  void AddWeights(const Extent & corner, std::int64_t from, std::int64_t to)
  {
    for (auto z = std::max<std::int64_t>(0, -corner.z); z < std::min(m_Window.z, m_Volume.z - corner.z); ++z)
      for (auto y = std::max<std::int64_t>(0, -corner.y); y < std::min(m_Window.y, m_Volume.y - corner.y); ++y)
        for (auto x = from; x < to; ++x)
          m_Total[static_cast<std::size_t>(((corner.z + z) * m_Volume.y + corner.y + y) * m_Volume.x + corner.x + x)] +=
            m_Weights[static_cast<std::size_t>((z * m_Window.y + y) * m_Window.x + x)];
  }

  Extent             m_Volume, m_Window;
  const Tiling &     m_Tiling;
  std::size_t        m_Labels;
  std::vector<float> m_Weights, m_Sums, m_Total;
  bool               m_KeepsWeights = false;
};

// Windows as patches about given voxels.
ExtractionPlan WindowPlan(const ModelFile & model)
{
  auto plan = PlanOf(model, InferenceSampler::Kind::Candidates);
  Require(plan.shape.plane == PatchShape::Plane::None && plan.shape.scales.empty() && !plan.shape.direction && !plan.shape.hasCandidateDirections, Fault::Input,
          "the model's patches are planes, scales or oriented boxes, which do not make up a volume; a model of patches along the file's axes is needed");
  plan.shape.border = PatchShape::Border::Pad;
  plan.shape.padding = PatchShape::Padding::Edge;
  return plan;
}

// A patch lies about its place with half its edge, rounded down, below.
Candidate CentreOf(const Extent & corner, const Extent & window)
{
  Candidate candidate;
  candidate.coordinates = Coordinates::Index;
  candidate.position = { double(corner.x + window.x / 2), double(corner.y + window.y / 2), double(corner.z + window.z / 2) };
  return candidate;
}

} // namespace

SegmentationResult SegmentVolume(std::vector<Volume> channels, ModelFile model, const SegmentPlan & plan, Progress & progress)
{
  auto           extraction = WindowPlan(model);
  const Geometry given = channels.front().geometry;
  const Spacing  wanted = extraction.shape.spacing;
  const bool     isResampled = wanted.x > 0;
  if (isResampled)
  {
    const auto grid = GridWithSpacing(given, wanted);
    for (auto & channel : channels)
      channel = ResampleTo(std::move(channel), grid, { extraction.shape.interpolation == PatchShape::Interpolation::BSpline ? Interpolation::BSpline : Interpolation::Linear });
    extraction.shape.spacing = PatchShape().spacing;
  }
  const Geometry grid = channels.front().geometry;
  const auto     tiling = Tiling::Choose(plan.windows, grid.extent, model.patch, plan.overlap, BuildNetwork(model.network));
  extraction.shape.size = tiling.Window();
  CaseImages     images;
  images.channels = std::move(channels);
  for (const auto & corner : tiling.Corners())
    images.candidates.push_back(CentreOf(corner, tiling.Window()));
  CutCounts          counts;
  std::mt19937_64    random;
  SegmentationResult result;
  auto               patches = CutPatches(images, extraction, random, counts);
  const auto         contract = InputContract::FromJson(model.contract);
  CaseFacts          facts = patches;
  facts.volume = given.extent;
  facts.volumeSpacing = given.spacing;
  const auto violations = contract.Violations(facts);
  Require(violations.empty(), Fault::Input, "the volume is none of those that the model knows: ", Join(violations, "; "));
  if (contract.low.empty())
    result.warnings.push_back("the model does not say from which volumes it learned; whether this is one of them was not checked");
  patches.caseId = patches.patient = "case";
  const auto          description = extraction.Description(images.channels.size(), Compression::None, "{}");
  const ScratchFolder folder;
  {
    PatchCacheWriter writer(folder.Path() / "case.cache", description);
    writer.Add(patches);
    writer.Commit();
  }
  patches = {};
  images = {};
  const PatchCache cache(folder.Path() / "case.cache");
  model.RequireChannels(cache.Description().patch, cache.Description().channels, "the volume");
  std::vector<std::size_t> all(cache.Patches().size());
  std::iota(all.begin(), all.end(), std::size_t{ 0 });
  Blend blend(grid.extent, tiling, model.network.segmentationClasses);
  if (plan.wantsProbabilities)
    blend.KeepWeights();
  LoadLearning().Segment(cache, all, std::move(model), plan.computing, [&](std::size_t n, std::span<const float> logits) { blend.Add(cache.Patches()[n].corner, logits); }, progress);
  result.windows = all.size();
  result.isWhole = tiling.IsExact();
  result.labels = { grid, blend.Labels() };
  if (plan.wantsProbabilities)
    for (auto & values : blend.Probabilities())
      result.probabilities.push_back({ grid, std::move(values), "" });
  if (isResampled)
  {
    result.labels = ResampleTo(std::move(result.labels), given);
    for (auto & volume : result.probabilities)
      volume = ResampleTo(std::move(volume), given, { Interpolation::Linear });
  }
  return result;
}

} // namespace serval
