#include "serval/PseudoSegmentation/PseudoSegmentation.h"

#include "Body.h"
#include "Components.h"
#include "Gate.h"
#include "Histogram.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <type_traits>

namespace serval
{
namespace
{

bool AreIncreasing(const std::vector<double> & values)
{
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); }) &&
         std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) == values.end();
}

std::string ListText(const std::vector<double> & values)
{
  std::vector<std::string> texts;
  for (const double value : values)
    texts.push_back(FormatNumber(value));
  return Join(texts, ",");
}

void Check(const ThresholdRecipe & recipe, const Volume & volume)
{
  if (recipe.method == ThresholdMethod::Fixed)
    Require(!recipe.thresholds.empty() && recipe.thresholds.size() < 255 && AreIncreasing(recipe.thresholds), Fault::Usage,
            "the method fixed needs increasing thresholds; found '", ListText(recipe.thresholds), "'");
  if (recipe.method == ThresholdMethod::Percentile)
    Require(!recipe.percentiles.empty() && AreIncreasing(recipe.percentiles) && recipe.percentiles.front() >= 0.1 &&
              recipe.percentiles.back() <= 99.9,
            Fault::Usage, "the method percentile needs increasing percentiles from 0.1 to 99.9; found '",
            ListText(recipe.percentiles), "'");
  if (recipe.method == ThresholdMethod::MultiOtsu)
    Require(recipe.classes >= 2 && recipe.classes <= 8, Fault::Usage, "multi-otsu finds 2 to 8 classes; ", recipe.classes,
            " are asked for");
  Require(recipe.opening >= 0 && recipe.largest >= 0 && recipe.minimumSize >= 0 && recipe.threads >= 1, Fault::Usage,
          "opening, the number of largest parts and their minimum size cannot be negative, and a thread is needed");
  Require(recipe.modality.empty() || volume.modality.empty() || recipe.modality == volume.modality, Fault::Input,
          "the thresholds are made for ", recipe.modality, ", but the volume is ", volume.modality, "; choose another preset");
}

std::vector<double> FindThresholds(const ThresholdRecipe & recipe, const Histogram & histogram)
{
  if (recipe.method == ThresholdMethod::Fixed)
    return recipe.thresholds;
  if (recipe.method == ThresholdMethod::Percentile)
  {
    std::vector<double> thresholds;
    for (const double percent : recipe.percentiles)
      thresholds.push_back(histogram.Percentile(percent));
    return thresholds;
  }
  const int classes = recipe.method == ThresholdMethod::Otsu ? 2 : recipe.classes;
  Require(histogram.counts.size() >= static_cast<std::size_t>(classes), Fault::Input, "the volume has only ",
          histogram.counts.size(), " different intensities (at ", histogram.low, "); ", classes, " classes cannot be found");
  return OtsuThresholds(histogram, classes);
}

// 0 outside the region, else `first` + the number of thresholds not above the voxel.
template <typename T>
void ClassifySlab(std::span<const T> voxels, const std::vector<double> & thresholds, std::span<const std::uint8_t> region,
                  std::uint16_t first, std::uint16_t * labels)
{
  using Compared = std::conditional_t<std::is_integral_v<T>, float, double>; // 16 bits fit into a float
  std::fill_n(labels, voxels.size(), first);
  for (const double threshold : thresholds)
    for (std::size_t i = 0; i < voxels.size(); ++i)
      labels[i] = static_cast<std::uint16_t>(labels[i] + (static_cast<Compared>(voxels[i]) >= static_cast<Compared>(threshold)));
  for (std::size_t i = 0; i < region.size(); ++i)
    labels[i] = region[i] ? labels[i] : std::uint16_t{ 0 };
}

std::vector<std::uint16_t> Classify(const Voxels & voxels, const std::vector<double> & thresholds,
                                    std::span<const std::uint8_t> region, std::uint16_t first, int threads)
{
  constexpr std::int64_t     block = 1 << 16; // voxels whose labels stay in the cache from one threshold to the next
  std::vector<std::uint16_t> labels(std::visit([](const auto & v) { return v.size(); }, voxels));
  const auto                 all = static_cast<std::int64_t>(labels.size());
  std::visit(
    [&](const auto & v) {
      itk::ForSlabs((all + block - 1) / block, threads, [&](std::int64_t from, std::int64_t to) {
        for (std::int64_t at = from * block; at < std::min(to * block, all); at += block)
        {
          const auto start = static_cast<std::size_t>(at), count = static_cast<std::size_t>(std::min(block, all - at));
          ClassifySlab(std::span(v).subspan(start, count), thresholds, region.empty() ? region : region.subspan(start, count),
                       first, labels.data() + start);
        }
      });
    },
    voxels);
  return labels;
}

// The foreground is one mask for this, whatever its labels.
void Clean(LabelVolume & volume, const ThresholdRecipe & recipe)
{
  if (recipe.opening == 0 && recipe.largest == 0 && recipe.minimumSize <= 0 && !recipe.fillHoles)
    return;
  const Geometry &          g = volume.geometry;
  const int                 threads = recipe.threads;
  std::vector<std::uint8_t> mask(volume.labels.size());
  std::transform(volume.labels.begin(), volume.labels.end(), mask.begin(), [](auto label) { return label != 0; });
  if (recipe.opening > 0)
    OpenWithCross(mask, g.extent, recipe.opening, threads);
  if (recipe.minimumSize > 0)
    RemoveSmallComponents(mask, g.extent, recipe.minimumSize / (g.spacing.x * g.spacing.y * g.spacing.z), Connectivity::Full, threads);
  if (recipe.largest > 0)
    KeepLargestComponents(mask, g.extent, recipe.largest, Connectivity::Full, threads);
  if (recipe.fillHoles)
    FillHoles(mask, g.extent, Connectivity::Faces, threads);
  for (std::size_t i = 0; i < mask.size(); ++i)
    volume.labels[i] = mask[i] ? std::max<std::uint16_t>(volume.labels[i], 1) : std::uint16_t{ 0 };
}

std::vector<PseudoLabel> CountClasses(const LabelVolume & volume, const std::vector<std::string> & names, std::size_t count)
{
  std::vector<std::uint64_t> voxels(count);
  for (std::uint16_t label = 0; label < count; ++label) // one vectorised pass a label
    voxels[label] = static_cast<std::uint64_t>(std::count(volume.labels.begin(), volume.labels.end(), label));
  const Spacing &          spacing = volume.geometry.spacing;
  std::vector<PseudoLabel> classes;
  for (std::size_t i = 0; i < count; ++i)
  {
    const std::string name = i < names.size() ? names[i] : i == 0 ? "background" : Concat("class ", i);
    classes.push_back({ static_cast<std::uint16_t>(i), name, voxels[i],
                        static_cast<double>(voxels[i]) * spacing.x * spacing.y * spacing.z / 1000 });
  }
  return classes;
}

double ChangedShare(const Histogram & histogram, const std::vector<double> & thresholds, double jitter)
{
  if (histogram.counts.empty())
    return 0;
  const double range = histogram.Edge(histogram.counts.size()) - histogram.low, shift = jitter * range;
  double       up = 0, down = 0;
  for (const double threshold : thresholds)
  {
    up += histogram.CountBetween(threshold, threshold + shift);
    down += histogram.CountBetween(threshold - shift, threshold);
  }
  return std::max(up, down) / static_cast<double>(histogram.Total());
}

} // namespace

PseudoSegmentation Segment(const Volume & volume, const ThresholdRecipe & recipe, Progress & progress)
{
  Check(recipe, volume);
  std::vector<std::uint8_t> body;
  if (recipe.isBodyFirst)
  {
    progress.Report(0, "Finding the body");
    body = FindBody(volume);
  }
  progress.Report(0.4, "Finding thresholds");
  const Histogram    histogram = MakeHistogram(volume.voxels, body, recipe.threads);
  PseudoSegmentation result;
  if (!histogram.counts.empty() || recipe.method == ThresholdMethod::Fixed) // else no body: no thresholds
    result.thresholds = FindThresholds(recipe, histogram);
  const std::uint16_t first = recipe.isBodyFirst ? 1 : 0;
  progress.Report(0.6, "Labelling");
  result.labels = { volume.geometry, Classify(volume.voxels, result.thresholds, body, first, recipe.threads) };
  progress.Report(0.7, "Cleaning");
  Clean(result.labels, recipe);
  result.classes = CountClasses(result.labels, recipe.names, result.thresholds.size() + 1 + first);
  result.low = histogram.low;
  result.high = histogram.Edge(histogram.counts.size());
  result.changed = ChangedShare(histogram, result.thresholds, recipe.limits.jitter);
  Judge(result, recipe.limits);
  progress.Report(1, "Labelled");
  return result;
}

PseudoSegmentation Segment(const Volume & volume, const ThresholdRecipe & recipe)
{
  NoProgress progress;
  return Segment(volume, recipe, progress);
}

} // namespace serval
