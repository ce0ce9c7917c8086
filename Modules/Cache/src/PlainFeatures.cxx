#include "serval/Cache/PlainFeatures.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace serval
{
namespace
{

template <typename T>
std::vector<double> ReadAs(std::span<const std::byte> raw)
{
  std::vector<T> native(raw.size() / sizeof(T));
  std::memcpy(native.data(), raw.data(), native.size() * sizeof(T));
  return { native.begin(), native.end() };
}

std::vector<double> Voxels(std::span<const std::byte> raw, PixelType type)
{
  switch (type)
  {
    case PixelType::UInt8: return ReadAs<std::uint8_t>(raw);
    case PixelType::Int16: return ReadAs<std::int16_t>(raw);
    case PixelType::UInt16: return ReadAs<std::uint16_t>(raw);
    case PixelType::Float32: break;
  }
  return ReadAs<float>(raw);
}

double Percentile(const std::vector<double> & sorted, double percent)
{
  const double at = percent / 100 * static_cast<double>(sorted.size() - 1);
  const auto   below = static_cast<std::size_t>(at), above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

void AddIntensities(std::vector<double> voxels, std::vector<float> & row)
{
  std::ranges::sort(voxels);
  double sum = 0, squares = 0;
  for (const double value : voxels)
    sum += value;
  const double mean = sum / static_cast<double>(voxels.size());
  for (const double value : voxels)
    squares += (value - mean) * (value - mean);
  for (const double number : { mean, std::sqrt(squares / static_cast<double>(voxels.size())), voxels.front(), voxels.back(), Percentile(voxels, 1),
                               Percentile(voxels, 25), Percentile(voxels, 50), Percentile(voxels, 75), Percentile(voxels, 99) })
    row.push_back(static_cast<float>(number));
}

void AddGeometry(const PatchRecord & patch, const CaseFacts & facts, bool withVolume, PlainFeatures::Place place, std::vector<float> & row)
{
  const auto add = [&](auto x, auto y, auto z) { row.insert(row.end(), { static_cast<float>(x), static_cast<float>(y), static_cast<float>(z) }); };
  if (withVolume)
  {
    add(facts.volume.x, facts.volume.y, facts.volume.z);
    add(facts.volumeSpacing.x, facts.volumeSpacing.y, facts.volumeSpacing.z);
  }
  const auto & [extent, spacing, origin, direction] = patch.geometry;
  if (place == PlainFeatures::Place::Told)
    add(patch.corner.x, patch.corner.y, patch.corner.z);
  add(spacing.x, spacing.y, spacing.z);
  add(double(extent.x) * spacing.x, double(extent.y) * spacing.y, double(extent.z) * spacing.z);
}

std::vector<std::string> NamesOf(int channels, bool withVolume, PlainFeatures::Place place)
{
  std::vector<std::string> names;
  for (const std::string of : { "volume", "volume_spacing", "corner", "spacing", "extent" })
    if ((withVolume || !of.starts_with("volume")) && (place == PlainFeatures::Place::Told || of != "corner"))
      for (const char * axis : { "_x", "_y", "_z" })
        names.push_back(of + axis);
  for (int channel = 0; channel < channels; ++channel)
    for (const std::string of : { "mean", "deviation", "minimum", "maximum", "p1", "p25", "p50", "p75", "p99" })
      names.push_back(of + "_" + std::to_string(channel));
  return names;
}

} // namespace

PlainFeatures PlainFeatures::Of(const PatchCache & cache, std::span<const std::size_t> patches, Place place)
{
  const auto    channels = static_cast<std::size_t>(cache.Description().channels);
  const bool    withVolume = std::ranges::all_of(cache.Cases(), [](const auto & one) { return one.volume.Voxels() > 0; });
  PlainFeatures result{ NamesOf(cache.Description().channels, withVolume, place), {} };
  for (const auto patch : patches)
  {
    const auto & record = cache.Patches()[patch];
    const auto   raw = cache.ReadRaw(patch);
    AddGeometry(record, cache.Cases()[record.caseIndex], withVolume, place, result.values);
    for (std::size_t c = 0; c < channels; ++c)
      AddIntensities(Voxels(std::span(raw).subspan(c * raw.size() / channels, raw.size() / channels), cache.TypeOf(patch)), result.values);
  }
  return result;
}

} // namespace serval
