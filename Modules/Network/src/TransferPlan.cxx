#include "serval/Network/TransferPlan.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace serval
{
namespace
{

std::size_t PlaceOf(const std::string & layer, const std::vector<std::string> & layers)
{
  const auto found = std::find(layers.begin(), layers.end(), layer);
  Require(found != layers.end(), Fault::Usage, "there is no layer '", layer, "'; the network has ", Join(layers, ", "));
  return static_cast<std::size_t>(found - layers.begin());
}

std::vector<std::string> Without(const std::vector<std::string> & layers, const std::vector<std::string> & left)
{
  std::vector<std::string> kept;
  for (const auto & layer : layers)
    if (std::find(left.begin(), left.end(), layer) == left.end())
      kept.push_back(layer);
  return kept;
}

// The N of "keep-first:N"; Fault::Usage when it is none of 0 .. number of layers.
std::size_t CountAfter(const std::string & kind, const std::string & text, std::size_t most)
{
  const auto count = ParseInteger(text);
  Require(count && *count >= 0 && static_cast<std::size_t>(*count) <= most, Fault::Usage, kind, " needs a number of layers from 0 to ", most,
          "; '", text, "' was given");
  return static_cast<std::size_t>(*count);
}

std::string WithoutBrackets(std::string list)
{
  if (list.size() >= 2 && list.front() == '[' && list.back() == ']')
    list = list.substr(1, list.size() - 2);
  return list;
}

} // namespace

bool FitsGlob(std::string_view name, std::string_view glob)
{
  if (glob.empty())
    return name.empty();
  if (glob.front() == '*')
    return FitsGlob(name, glob.substr(1)) || (!name.empty() && FitsGlob(name.substr(1), glob));
  return !name.empty() && (glob.front() == '?' || glob.front() == name.front()) && FitsGlob(name.substr(1), glob.substr(1));
}

std::vector<std::string> TransferPlan::ResetLayers(const std::vector<std::string> & layers) const
{
  if (reset.size() == 1 && reset[0] == "all")
    return layers;
  if (reset.size() == 1 && reset[0].starts_with("keep-first:"))
  {
    const auto kept = CountAfter("keep-first", reset[0].substr(11), layers.size());
    return { layers.begin() + static_cast<std::ptrdiff_t>(kept), layers.end() };
  }
  for (const auto & layer : reset)
    PlaceOf(layer, layers);
  return reset;
}

std::vector<std::string> TransferPlan::FrozenLayers(const std::vector<std::string> & layers) const
{
  ResetLayers(layers);
  const auto        colon = freeze.find(':');
  const std::string kind = freeze.substr(0, colon);
  const std::string list = colon == std::string::npos ? std::string() : WithoutBrackets(freeze.substr(colon + 1));
  auto              names = list.empty() ? std::vector<std::string>{} : Split(list, ',');
  const auto        firstOnes = [&](std::size_t count) {
    return std::vector<std::string>(layers.begin(), layers.begin() + static_cast<std::ptrdiff_t>(count));
  };
  for (auto & name : names)
    name = Trim(name);
  if (kind == "none" && colon == std::string::npos)
    return {};
  if (kind == "all" && colon == std::string::npos)
    return Without(layers, { "classifier" });
  if (kind == "upto" && names.size() == 1)
    return firstOnes(PlaceOf(names[0], layers) + 1);
  if (kind == "from" && names.size() == 1)
    return firstOnes(PlaceOf(names[0], layers));
  if (kind == "keep-first" && names.size() == 1)
    return firstOnes(CountAfter(kind, names[0], layers.size()));
  if (kind == "only" && !names.empty())
  {
    for (const auto & name : names)
      PlaceOf(name, layers);
    return Without(layers, names);
  }
  Fail(Fault::Usage, "the freezing plan '", freeze, "' is not understood; none, all, upto:LAYER, from:LAYER, only:LAYER,LAYER and "
       "keep-first:N are known");
}

std::vector<std::string> TransferPlan::FrozenLayersAt(int step, const std::vector<std::string> & layers,
                                                      const std::vector<std::string> & fresh) const
{
  auto frozen = FrozenLayers(layers);
  if (step < warmUpSteps)
  {
    for (const auto & layer : Without(layers, fresh))
      if (std::find(frozen.begin(), frozen.end(), layer) == frozen.end())
        frozen.push_back(layer);
    return frozen;
  }
  if (unfreezeEvery <= 0)
    return frozen;
  const auto awake = static_cast<std::size_t>((step - warmUpSteps) / unfreezeEvery) + 1; // layers counted from the last
  for (std::size_t i = 0; i + awake < layers.size(); ++i)
    if (std::find(frozen.begin(), frozen.end(), layers[i]) == frozen.end())
      frozen.push_back(layers[i]);
  return frozen;
}

double TransferPlan::RateOf(const std::string & layer, const std::vector<std::string> & layers, bool isBias) const
{
  const auto place = PlaceOf(layer, layers);
  double     rate = std::pow(layerDecay, double(layers.size() - 1 - place)) * (isBias ? biasFactor : 1);
  const auto found = std::find_if(rates.begin(), rates.end(), [&](const auto & pair) { return FitsGlob(layer, pair.first); });
  return found == rates.end() ? rate : rate * found->second;
}

std::vector<std::pair<std::string, double>> TransferPlan::RatesFrom(const std::vector<std::string> & texts)
{
  std::vector<std::pair<std::string, double>> rates;
  for (const auto & text : texts)
  {
    const auto colon = text.rfind(':');
    const auto factor = colon == std::string::npos ? std::nullopt : ParseDouble(text.substr(colon + 1));
    Require(factor && *factor >= 0 && colon > 0, Fault::Usage, "'", text, "' is no learning rate of layers; GLOB:FACTOR is expected, as in "
            "encoder*:0.1");
    rates.emplace_back(text.substr(0, colon), *factor);
  }
  return rates;
}

std::string LoadReport::ToText() const
{
  std::map<std::string, int> counts;
  for (const auto & [name, fate] : arrays)
    ++counts[fate];
  std::string text = FormatFixed(100 * share, 1) + " % of the parameters come from the source model (arrays:";
  for (const auto & [fate, count] : counts)
    text += Concat(' ', count, ' ', fate, ',');
  text.back() = ')';
  return text;
}

} // namespace serval
