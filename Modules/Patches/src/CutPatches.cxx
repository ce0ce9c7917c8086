#include "serval/Patches/CutPatches.h"

#include "CutViews.h"
#include "serval/Core/Error.h"
#include "serval/Core/Hash.h"
#include "serval/Core/Text.h"
#include "serval/Patches/Intensity.h"

#include <algorithm>
#include <cmath>

namespace serval
{
namespace
{

template <typename T>
constexpr PixelType pixelTypeOf = std::is_same_v<T, std::uint8_t>    ? PixelType::UInt8
                                  : std::is_same_v<T, std::int16_t>  ? PixelType::Int16
                                  : std::is_same_v<T, std::uint16_t> ? PixelType::UInt16
                                                                     : PixelType::Float32;

template <typename T>
void Convert(Volume & volume)
{
  volume.voxels =
    std::visit([](const auto & from) -> Voxels { return std::vector<T>(from.begin(), from.end()); }, volume.voxels);
}

// One voxel type for all channels: 8 bits become 16 beside 16 bits, all else that differs becomes float.
void MakeTypesEqual(std::vector<Volume> & channels)
{
  const auto is8 = [](const Volume & v) { return std::holds_alternative<std::vector<std::uint8_t>>(v.voxels); };
  const auto wide = std::find_if(channels.begin(), channels.end(), [&](const Volume & v) { return !is8(v); });
  if (wide == channels.end())
    return;
  const auto type = wide->voxels.index();
  const bool isMixed = std::any_of(channels.begin(), channels.end(),
                                   [&](const Volume & v) { return !is8(v) && v.voxels.index() != type; });
  for (auto & channel : channels)
    if (isMixed || (channel.voxels.index() != type && std::holds_alternative<std::vector<float>>(wide->voxels)))
      Convert<float>(channel);
    else if (channel.voxels.index() != type && std::holds_alternative<std::vector<std::int16_t>>(wide->voxels))
      Convert<std::int16_t>(channel);
    else if (channel.voxels.index() != type)
      Convert<std::uint16_t>(channel);
}

void RequireOneGrid(const CaseImages & images)
{
  const auto & grid = images.channels.front().geometry;
  for (std::size_t c = 1; c < images.channels.size(); ++c)
    RequireSameGrid(grid, images.channels[c].geometry, "the volume", Concat("channel ", c + 1));
  if (images.labels)
    RequireSameGrid(grid, images.labels->geometry, "the volume", "the segmentation");
  if (images.dense)
    RequireSameGrid(grid, images.dense->geometry, "the volume", "the dense segmentation");
}

std::string HashOf(const std::string & text)
{
  return ContentHash(std::as_bytes(std::span(text)));
}

// The labels of interest become 0, 1, 2, ..., all others a number that is no class.
void SelectLabels(std::vector<std::uint16_t> & labels, const std::vector<int> & classLabels)
{
  if (classLabels.empty())
    return;
  std::vector<std::uint16_t> table(65536, 65535);
  for (std::size_t i = 0; i < classLabels.size(); ++i)
    table[static_cast<std::size_t>(classLabels[i])] = static_cast<std::uint16_t>(i);
  for (auto & label : labels)
    label = table[label];
}

template <typename T>
double DeviationOf(std::span<const T> voxels)
{
  double sum = 0, squares = 0;
  for (const T v : voxels)
    sum += double(v);
  const double mean = sum / double(voxels.size());
  for (const T v : voxels)
    squares += (double(v) - mean) * (double(v) - mean);
  return std::sqrt(squares / double(voxels.size()));
}

/// Places, patches and labels of one case.
class Cutter
{
public:
  Cutter(const CaseImages & images, const ExtractionPlan & plan, CutCounts & counts)
    : m_Images(images)
    , m_Plan(plan)
    , m_Counts(counts)
    , m_Grid(images.channels.front().geometry)
    , m_Views(ViewsOf(plan.shape, m_Grid))
  {}

  std::vector<PatchPlace> Places(std::mt19937_64 & random)
  {
    if (m_Plan.sampling.sampler == SamplingPlan::Sampler::Candidates)
      return CandidatePlaces();
    SamplingField field{ m_Grid.extent, ReachOf(m_Views, m_Grid), m_Plan.shape.border, {} };
    if (m_Images.labels)
      field.labels = m_Images.labels->labels;
    if (m_Plan.sampling.minimumDeviation > 0)
      field.accept = [this](Extent voxel) { return IsVaried(PlaceAt(voxel)); };
    std::vector<PatchPlace> places;
    for (const auto & voxel : SamplePlaces(field, m_Plan.sampling, random))
      places.push_back(PlaceAt(voxel));
    return places;
  }

  CasePatches Cut(const std::vector<PatchPlace> & places) const
  {
    CasePatches patches;
    std::visit([&]<typename T>(const std::vector<T> &) { CutImages<T>(places, patches); },
               m_Images.channels.front().voxels);
    for (const auto & place : places)
      for (const auto & views : ViewsAt(place))
        Describe(place, views.front(), patches);
    return patches;
  }

private:
  PatchPlace PlaceAt(const Extent & voxel) const
  {
    const Point point = m_Grid.PointAt(double(voxel.x), double(voxel.y), double(voxel.z));
    using Source = ExtractionPlan::ClassSource;
    return { voxel, point, m_Plan.classFrom == Source::Centre ? ClassAt(voxel) : m_Images.caseClass, {}, {} };
  }

  // -1 for a label that is no class.
  int ClassAt(const Extent & v) const
  {
    const int label =
      m_Images.labels->labels[static_cast<std::size_t>(v.x + m_Grid.extent.x * (v.y + m_Grid.extent.y * v.z))];
    return label < static_cast<int>(m_Plan.classNames.size()) ? label : -1;
  }

  std::vector<std::vector<PatchView>> ViewsAt(const PatchPlace & place) const
  {
    return place.direction ? ViewsOf(m_Plan.shape, m_Grid, place.direction) : m_Views;
  }

  std::vector<PatchPlace> CandidatePlaces()
  {
    std::vector<PatchPlace> places;
    for (std::size_t n = 0; n < m_Images.candidates.size(); ++n)
    {
      const auto place = PlaceOf(m_Images.candidates[n], n);
      const bool isInside = m_Plan.shape.border == PatchShape::Border::Pad || IsInside(ViewsAt(place), m_Grid, place);
      m_Counts.outside += isInside ? 0 : 1;
      if (isInside && IsVaried(place))
        places.push_back(place);
    }
    const bool isEnough =
      AcceptShortfall(m_Images.candidates.size() - m_Counts.outside, m_Images.candidates.size(),
                      m_Plan.sampling.shortfall, "its candidates and lie inside the volume (or --border pad)");
    return isEnough ? places : std::vector<PatchPlace>{};
  }

  PatchPlace PlaceOf(const Candidate & candidate, std::size_t number) const
  {
    const std::string name = candidate.id.empty() ? std::to_string(number + 1) : candidate.id;
    const Point       point = candidate.PointIn(m_Grid), index = m_Grid.IndexAt(point);
    const Extent voxel{ std::llround(index[0]), std::llround(index[1]), std::llround(index[2]) }, &e = m_Grid.extent;
    Require(voxel.x >= 0 && voxel.y >= 0 && voxel.z >= 0 && voxel.x < e.x && voxel.y < e.y && voxel.z < e.z,
            Fault::Input, "candidate ", name, " lies at voxel ", ToText(voxel), " of a volume of ", ToText(e),
            "; are its coordinates ", ToText(candidate.coordinates), "?");
    PatchPlace place = PlaceAt(voxel);
    place.point = point;
    place.candidate = name;
    if (m_Plan.shape.hasCandidateDirections)
    {
      place.direction = candidate.DirectionInLps();
      Require(place.direction || m_Plan.shape.direction, Fault::Input, "candidate ", name,
              " has no direction_x, direction_y, direction_z");
    }
    if (m_Plan.classFrom == ExtractionPlan::ClassSource::Candidate)
      place.classIndex = ClassOf(candidate, name);
    return place;
  }

  int ClassOf(const Candidate & candidate, const std::string & name) const
  {
    const auto & names = m_Plan.classNames;
    const auto   found = std::find(names.begin(), names.end(), candidate.label);
    Require(found != names.end(), Fault::Input, "candidate ", name, " has the label '", candidate.label,
            "'; --classNames are ", Join(names, ", "));
    return static_cast<int>(found - names.begin());
  }

  bool IsVaried(const PatchPlace & place)
  {
    if (m_Plan.sampling.minimumDeviation <= 0)
      return true;
    const bool isVaried = std::visit(
      [&]<typename T>(const std::vector<T> & voxels) {
        const PatchView view = ViewsAt(place).front().front();
        std::vector<T>  patch(static_cast<std::size_t>(view.size.Voxels()));
        CutView<T>(voxels, m_Grid, view, place, m_Plan.shape, patch.data());
        return DeviationOf<T>(patch) >= m_Plan.sampling.minimumDeviation;
      },
      m_Images.channels.front().voxels);
    m_Counts.homogeneous += isVaried ? 0 : 1;
    return isVaried;
  }

  template <typename T>
  void CutImages(const std::vector<PatchPlace> & places, CasePatches & patches) const
  {
    const auto voxels = static_cast<std::size_t>(m_Plan.shape.size.Voxels());
    const auto each = m_Plan.shape.PatchesPerPlace() * m_Plan.shape.ViewsPerPatch() * m_Images.channels.size();
    patches.type = pixelTypeOf<T>;
    patches.image.resize(places.size() * each * voxels * sizeof(T));
    auto * target = reinterpret_cast<T *>(patches.image.data());
    for (const auto & place : places)
      for (const auto & views : ViewsAt(place))
        for (const auto & channel : m_Images.channels)
          for (const auto & view : views)
          {
            CutView<T>(std::get<std::vector<T>>(channel.voxels), m_Grid, view, place, m_Plan.shape, target);
            target += voxels;
          }
  }

  void Describe(const PatchPlace & place, const PatchView & view, CasePatches & patches) const
  {
    const Geometry grid = GridOf(view, m_Grid, place);
    const Point    first = m_Grid.IndexAt(grid.origin);
    patches.geometries.push_back(grid);
    patches.corners.push_back({ std::llround(first[0]), std::llround(first[1]), std::llround(first[2]) });
    patches.classes.push_back(place.classIndex);
    if (!place.candidate.empty())
      patches.candidates.push_back(place.candidate);
    if (m_Images.dense)
      AddSegmentation(place, view, patches.segmentation);
  }

  void AddSegmentation(const PatchPlace & place, const PatchView & view, std::vector<std::uint8_t> & all) const
  {
    std::vector<std::uint16_t> labels(static_cast<std::size_t>(view.size.Voxels()));
    CutLabels(m_Images.dense->labels, m_Grid, view, place, labels);
    const int names = static_cast<int>(m_Plan.denseNames.size());
    for (int label : labels)
    {
      if (const auto merged = m_Plan.mergeLabels.find(label); merged != m_Plan.mergeLabels.end())
        label = merged->second;
      Require(label < names, Fault::Input, "the segmentation holds the label ", label, "; labels 0 to ", names - 1,
              " are named (--denseNames)");
      all.push_back(static_cast<std::uint8_t>(label));
    }
  }

  const CaseImages &                  m_Images;
  const ExtractionPlan &              m_Plan;
  CutCounts &                         m_Counts;
  Geometry                            m_Grid;
  std::vector<std::vector<PatchView>> m_Views;
};

} // namespace

std::string SourceFingerprint(const CaseImages & images)
{
  std::string all;
  for (const auto & channel : images.channels)
    all += VoxelFingerprint(channel);
  return images.channels.size() == 1 ? all : HashOf(all);
}

std::string LabelFingerprint(const CaseImages & images)
{
  std::string text;
  for (const auto * labels : { &images.labels, &images.dense })
    if (*labels)
      text += ContentHash(std::as_bytes(std::span((*labels)->labels)));
  for (const auto & c : images.candidates)
  {
    text += Concat('\n', c.id, ' ', c.label, ' ', ToText(c.coordinates));
    for (const double number : c.position)
      text += ' ' + FormatNumber(number);
    for (const double number : c.direction.value_or(Point{}))
      text += ' ' + FormatNumber(number);
  }
  return text.empty() ? text : HashOf(text);
}

CasePatches CutPatches(CaseImages & images, const ExtractionPlan & plan, std::mt19937_64 & random, CutCounts & counts)
{
  RequireOneGrid(images);
  MakeTypesEqual(images.channels);
  if (images.labels)
    SelectLabels(images.labels->labels, plan.classLabels);
  std::vector<IntensitySummary> intensity;
  for (const auto & channel : images.channels)
  {
    const auto summary = Summarise(channel);
    Require(summary.standardDeviation > 0, Fault::Input, "all voxels of the volume are equal");
    intensity.insert(intensity.end(), plan.shape.ViewsPerPatch(), summary);
  }
  Cutter cutter(images, plan, counts);
  auto   patches = cutter.Cut(cutter.Places(random));
  patches.intensity = std::move(intensity);
  patches.modality = images.channels.front().modality;
  patches.volume = images.channels.front().geometry.extent;
  patches.volumeSpacing = images.channels.front().geometry.spacing;
  return patches;
}

} // namespace serval
