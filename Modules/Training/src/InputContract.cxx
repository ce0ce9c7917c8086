#include "serval/Training/InputContract.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace serval
{
namespace
{

using Json = nlohmann::json;
using Range = InputContract::Range;

void Widen(Range & range, double value, bool isFirst)
{
  range.low = isFirst ? value : std::min(range.low, value);
  range.high = isFirst ? value : std::max(range.high, value);
}

std::array<double, 3> SpacingOf(const CaseFacts & v) { return { v.volumeSpacing.x, v.volumeSpacing.y, v.volumeSpacing.z }; }
std::array<double, 3> SizeOf(const CaseFacts & v)
{
  return { double(v.volume.x) * v.volumeSpacing.x, double(v.volume.y) * v.volumeSpacing.y, double(v.volume.z) * v.volumeSpacing.z };
}

Json ToJson(const std::vector<Range> & ranges)
{
  Json json = Json::array();
  for (const auto & range : ranges)
    json.push_back({ range.low, range.high });
  return json;
}

std::vector<Range> RangesFrom(const Json & json)
{
  std::vector<Range> ranges;
  for (const auto & pair : json)
    ranges.push_back({ pair.at(0), pair.at(1) });
  return ranges;
}

} // namespace

InputContract InputContract::Of(const PatchCache & cache, const std::vector<std::size_t> & patches)
{
  std::set<std::size_t> cases;
  std::set<std::string> modalities;
  for (const auto patch : patches)
    cases.insert(cache.Patches()[patch].caseIndex);
  InputContract contract;
  const auto    channels = cases.empty() ? 0 : cache.Cases()[*cases.begin()].intensity.size();
  contract.low.resize(channels);
  contract.high.resize(channels);
  contract.isAbsolute = !cases.empty();
  bool isFirst = true, hasSizes = true;
  for (const auto index : cases)
  {
    const auto & one = cache.Cases()[index];
    if (!one.modality.empty())
      modalities.insert(one.modality);
    contract.isAbsolute = contract.isAbsolute && (one.modality == "CT" || (one.modality.empty() && one.intensity.front().low <= -200));
    for (std::size_t c = 0; c < channels; ++c)
    {
      Widen(contract.low[c], one.intensity[c].low, isFirst);
      Widen(contract.high[c], one.intensity[c].high, isFirst);
    }
    hasSizes = hasSizes && one.volume.Voxels() > 0;
    contract.spacing.resize(3);
    contract.size.resize(3);
    for (std::size_t a = 0; a < 3; ++a)
    {
      Widen(contract.spacing[a], SpacingOf(one)[a], isFirst);
      Widen(contract.size[a], SizeOf(one)[a], isFirst);
    }
    isFirst = false;
  }
  if (!hasSizes)
  {
    contract.spacing.clear();
    contract.size.clear();
  }
  contract.modalities.assign(modalities.begin(), modalities.end());
  return contract;
}

std::string InputContract::ToJson() const
{
  return Json{ { "modalities", modalities }, { "spacing", serval::ToJson(spacing) }, { "size", serval::ToJson(size) },
               { "low", serval::ToJson(low) }, { "high", serval::ToJson(high) }, { "absolute", isAbsolute } }.dump();
}

InputContract InputContract::FromJson(const std::string & text)
{
  InputContract contract;
  try
  {
    const auto json = Json::parse(text.empty() ? "null" : text);
    if (json.is_null())
      return contract;
    json.at("modalities").get_to(contract.modalities);
    contract.spacing = RangesFrom(json.at("spacing"));
    contract.size = RangesFrom(json.at("size"));
    contract.low = RangesFrom(json.at("low"));
    contract.high = RangesFrom(json.at("high"));
    contract.isAbsolute = json.at("absolute");
  }
  catch (const Json::exception &)
  {
    Fail(Fault::Input, "the model's contract of its input is damaged");
  }
  return contract;
}

std::vector<std::string> InputContract::Violations(const CaseFacts & volume) const
{
  std::vector<std::string> found;
  constexpr const char *   axes[]{ "x", "y", "z" };
  const auto               round = [](double number) { return FormatFixed(number, 2); };
  if (!modalities.empty() && !volume.modality.empty() && std::find(modalities.begin(), modalities.end(), volume.modality) == modalities.end())
    found.push_back(Concat("the modality is ", volume.modality, "; the model learned from ", Join(modalities, ", ")));
  for (std::size_t a = 0; a < spacing.size(); ++a)
    if (const double s = SpacingOf(volume)[a]; s < spacing[a].low / 2 || s > spacing[a].high * 2)
      found.push_back(Concat("voxels are ", round(s), " mm along ", axes[a], "; the model learned from ", round(spacing[a].low), " to ", round(spacing[a].high)));
  for (std::size_t a = 0; a < size.size(); ++a)
    if (const double s = SizeOf(volume)[a]; s < size[a].low * 0.75 || s > size[a].high * 1.25)
      found.push_back(Concat("the volume covers ", round(s), " mm along ", axes[a], "; the model learned from ", round(size[a].low), " to ", round(size[a].high)));
  if (volume.intensity.size() != low.size() && !low.empty())
    found.push_back(Concat("there are ", volume.intensity.size(), " channels; the model learned from ", low.size()));
  for (std::size_t c = 0; isAbsolute && c < std::min(low.size(), volume.intensity.size()); ++c)
  {
    const double margin = 0.25 * (high[c].high - low[c].low), darkest = volume.intensity[c].low, brightest = volume.intensity[c].high;
    if (darkest < low[c].low - margin || darkest > low[c].high + margin || brightest < high[c].low - margin || brightest > high[c].high + margin)
      found.push_back(Concat("intensities run from ", round(darkest), " to ", round(brightest), " (percentiles 0.5 and 99.5); the model learned from ", round(low[c].low), " to ",
                             round(low[c].high), " and ", round(high[c].low), " to ", round(high[c].high)));
  }
  return found;
}

} // namespace serval
