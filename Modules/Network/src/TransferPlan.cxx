#include "serval/Network/TransferPlan.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <algorithm>

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

} // namespace

std::vector<std::string> TransferPlan::FrozenLayers(const std::vector<std::string> & layers) const
{
  for (const auto & layer : reset)
    PlaceOf(layer, layers);
  const auto        colon = freeze.find(':');
  const std::string kind = freeze.substr(0, colon);
  const auto        names = colon == std::string::npos ? std::vector<std::string>{} : Split(freeze.substr(colon + 1), ',');
  if (kind == "none" && names.empty())
    return {};
  if (kind == "all" && names.empty())
    return Without(layers, { "classifier" });
  if (kind == "upto" && names.size() == 1)
    return { layers.begin(), layers.begin() + static_cast<std::ptrdiff_t>(PlaceOf(names[0], layers) + 1) };
  if (kind == "from" && names.size() == 1)
    return { layers.begin(), layers.begin() + static_cast<std::ptrdiff_t>(PlaceOf(names[0], layers)) };
  if (kind == "only" && !names.empty())
  {
    for (const auto & name : names)
      PlaceOf(name, layers);
    return Without(layers, names);
  }
  Fail(Fault::Usage, "the freezing plan '", freeze, "' is not understood; none, all, upto:LAYER, from:LAYER and "
       "only:LAYER,LAYER are known");
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
