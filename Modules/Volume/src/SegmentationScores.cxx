#include "serval/Volume/SegmentationScores.h"

#include "ItkImage.h"
#include "serval/Core/Error.h"

#include <itkSignedMaurerDistanceMapImageFilter.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace serval
{
namespace
{

using Mask = std::vector<std::uint8_t>;

/// The smallest block that holds both masks, with a rim of one voxel that belongs to neither.
struct Block
{
  Extent first{}, size{};

  std::size_t At(std::int64_t x, std::int64_t y, std::int64_t z) const { return static_cast<std::size_t>((z * size.y + y) * size.x + x); }
};

template <typename TVisit>
void ForEachVoxel(const Extent & extent, const TVisit & visit)
{
  for (std::int64_t z = 0; z < extent.z; ++z)
    for (std::int64_t y = 0; y < extent.y; ++y)
      for (std::int64_t x = 0; x < extent.x; ++x)
        visit(x, y, z);
}

std::size_t Place(const Extent & extent, std::int64_t x, std::int64_t y, std::int64_t z)
{
  return static_cast<std::size_t>((z * extent.y + y) * extent.x + x);
}

Block BlockOf(const LabelVolume & a, const LabelVolume & b, std::uint16_t label)
{
  const Extent & extent = a.geometry.extent;
  Extent         low = extent, high{ -1, -1, -1 };
  ForEachVoxel(extent, [&](auto x, auto y, auto z) {
    const auto at = Place(extent, x, y, z);
    if (a.labels[at] != label && b.labels[at] != label)
      return;
    low = { std::min(low.x, x), std::min(low.y, y), std::min(low.z, z) };
    high = { std::max(high.x, x), std::max(high.y, y), std::max(high.z, z) };
  });
  return { { low.x - 1, low.y - 1, low.z - 1 }, { high.x - low.x + 3, high.y - low.y + 3, high.z - low.z + 3 } };
}

Mask MaskIn(const Block & block, const LabelVolume & volume, std::uint16_t label)
{
  Mask         mask(static_cast<std::size_t>(block.size.Voxels()), 0);
  const Extent inner{ block.size.x - 2, block.size.y - 2, block.size.z - 2 };
  ForEachVoxel(inner, [&](auto x, auto y, auto z) {
    mask[block.At(x + 1, y + 1, z + 1)] = volume.labels[Place(volume.geometry.extent, block.first.x + x + 1, block.first.y + y + 1, block.first.z + z + 1)] == label;
  });
  return mask;
}

Mask SurfaceOf(const Block & block, const Mask & mask)
{
  Mask surface(mask.size(), 0);
  ForEachVoxel(block.size, [&](auto x, auto y, auto z) {
    const auto at = block.At(x, y, z);
    surface[at] = mask[at] && !(mask[block.At(x - 1, y, z)] && mask[block.At(x + 1, y, z)] && mask[block.At(x, y - 1, z)] && mask[block.At(x, y + 1, z)] &&
                                mask[block.At(x, y, z - 1)] && mask[block.At(x, y, z + 1)]);
  });
  return surface;
}

// From each voxel of `from` to the nearest of `to`, mm.
std::vector<double> Distances(const Block & block, const Mask & from, Mask to, const Spacing & spacing)
{
  const auto image = ViewOf(to, Geometry{ block.size, spacing });
  using Filter = itk::SignedMaurerDistanceMapImageFilter<ItkImage<std::uint8_t>, ItkImage<float>>;
  auto filter = Filter::New();
  filter->SetInput(image);
  filter->SetUseImageSpacing(true);
  filter->SetSquaredDistance(false);
  filter->SetInsideIsPositive(false);
  filter->Update();
  const float *       distance = filter->GetOutput()->GetBufferPointer();
  std::vector<double> found;
  for (std::size_t i = 0; i < from.size(); ++i)
    if (from[i])
      found.push_back(to[i] ? 0 : static_cast<double>(distance[i])); // inside a thick part of `to` the filter looks for its rim
  return found;
}

double Percentile95(std::vector<double> values)
{
  const double at = 0.95 * static_cast<double>(values.size() - 1);
  const auto   below = static_cast<std::ptrdiff_t>(at);
  std::nth_element(values.begin(), values.begin() + below, values.end());
  const double low = values[static_cast<std::size_t>(below)];
  const double high = below + 1 < std::ssize(values) ? *std::min_element(values.begin() + below + 1, values.end()) : low;
  return low + (at - static_cast<double>(below)) * (high - low);
}

void ScoreSurfaces(const LabelVolume & reference, const LabelVolume & predicted, std::uint16_t label, SegmentationScores & scores)
{
  const auto block = BlockOf(reference, predicted, label);
  const auto a = SurfaceOf(block, MaskIn(block, reference, label)), b = SurfaceOf(block, MaskIn(block, predicted, label));
  const auto forth = Distances(block, a, b, reference.geometry.spacing), back = Distances(block, b, a, reference.geometry.spacing);
  scores.hd95 = std::max(Percentile95(forth), Percentile95(back));
  scores.assd = (std::reduce(forth.begin(), forth.end()) + std::reduce(back.begin(), back.end())) / static_cast<double>(forth.size() + back.size());
}

} // namespace

std::string SegmentationScores::Remark() const
{
  if (referenceVolume == 0)
    return predictedVolume == 0 ? "absent in both" : "absent in the reference";
  return predictedVolume == 0 ? "absent in the prediction" : "";
}

SegmentationScores ScoreSegmentation(const LabelVolume & reference, const LabelVolume & predicted, std::uint16_t label)
{
  const auto & g = reference.geometry;
  Require(reference.labels.size() == predicted.labels.size() && g.extent == predicted.geometry.extent, Fault::Internal, "label maps of ", ToText(g.extent), " and ",
          ToText(predicted.geometry.extent), " voxels are compared");
  double ofReference = 0, ofPrediction = 0, ofBoth = 0;
  for (std::size_t i = 0; i < reference.labels.size(); ++i)
  {
    const bool inReference = reference.labels[i] == label, inPrediction = predicted.labels[i] == label;
    ofReference += inReference;
    ofPrediction += inPrediction;
    ofBoth += inReference && inPrediction;
  }
  const double       millilitres = g.spacing.x * g.spacing.y * g.spacing.z / 1000;
  SegmentationScores scores{ ofReference * millilitres, ofPrediction * millilitres, {}, {}, {}, {}, {} };
  if (ofReference + ofPrediction > 0)
  {
    scores.dice = 2 * ofBoth / (ofReference + ofPrediction);
    scores.iou = ofBoth / (ofReference + ofPrediction - ofBoth);
  }
  if (ofReference > 0)
    scores.volumePercent = 100 * (ofPrediction - ofReference) / ofReference;
  if (ofReference > 0 && ofPrediction > 0)
    ScoreSurfaces(reference, predicted, label, scores);
  return scores;
}

} // namespace serval
