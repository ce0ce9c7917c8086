#include "serval/Cache/PlantMark.h"

#include "CopyPatches.h"
#include "serval/Cache/PatchCacheWriter.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

namespace serval
{
namespace
{

template <typename T>
void Plant(std::span<std::byte> channel, const Extent & patch, int edge, double value)
{
  const T     mark = std::numeric_limits<T>::is_integer
                       ? static_cast<T>(std::clamp(std::round(value), double(std::numeric_limits<T>::lowest()), double(std::numeric_limits<T>::max())))
                       : static_cast<T>(value);
  const Extent end{ std::min<std::int64_t>(edge, patch.x), std::min<std::int64_t>(edge, patch.y), std::min<std::int64_t>(edge, patch.z) };
  for (std::int64_t z = 0; z < end.z; ++z)
    for (std::int64_t y = 0; y < end.y; ++y)
      for (std::int64_t x = 0; x < end.x; ++x)
        std::memcpy(channel.data() + static_cast<std::size_t>((z * patch.y + y) * patch.x + x) * sizeof(T), &mark, sizeof(T));
}

void PlantAs(PixelType type, std::span<std::byte> channel, const Extent & patch, int edge, double value)
{
  switch (type)
  {
    case PixelType::UInt8: return Plant<std::uint8_t>(channel, patch, edge, value);
    case PixelType::Int16: return Plant<std::int16_t>(channel, patch, edge, value);
    case PixelType::UInt16: return Plant<std::uint16_t>(channel, patch, edge, value);
    case PixelType::Float32: return Plant<float>(channel, patch, edge, value);
  }
}

int ClassOf(const CacheDescription & description, const std::string & name)
{
  const auto & names = description.classNames;
  const auto   found = std::ranges::find(names, name);
  Require(name.empty() || found != names.end(), Fault::Input, "the cache has no class '", name, "'; it has ", Join(names, ", "));
  return name.empty() ? -1 : static_cast<int>(found - names.begin());
}

} // namespace

std::size_t WritePlanted(const PatchCache & source, const MarkPlan & plan, const std::string & provenance, const std::filesystem::path & folder)
{
  auto        description = source.Description();
  const int   wanted = ClassOf(description, plan.className);
  const auto  channels = static_cast<std::size_t>(description.channels);
  std::size_t planted = 0;
  description.parameters = nlohmann::json{ { "planted", { { "source", source.Fingerprint() }, { "edge", plan.edge }, { "class", plan.className } } } }.dump();
  description.provenance = provenance;
  PatchCacheWriter         writer(folder, description);
  std::vector<std::size_t> all(source.Patches().size());
  std::iota(all.begin(), all.end(), std::size_t{ 0 });
  for (std::span<const std::size_t> rest = all; !rest.empty();)
  {
    const auto one = OneCase(source, rest);
    auto       copy = CopyPatches(source, one);
    const auto bytes = copy.image.size() / (copy.Count() * channels);
    for (std::size_t patch = 0; patch < copy.Count(); ++patch)
      if (plan.className.empty() || copy.classes[patch] == wanted)
      {
        ++planted;
        for (std::size_t c = 0; c < channels; ++c)
          PlantAs(copy.type, std::span(copy.image).subspan((patch * channels + c) * bytes, bytes), description.patch, plan.edge, copy.intensity[c].high);
      }
    if (!writer.Look(copy).isUpToDate)
      writer.Add(copy);
    rest = rest.subspan(one.size());
  }
  writer.Commit();
  return planted;
}

} // namespace serval
