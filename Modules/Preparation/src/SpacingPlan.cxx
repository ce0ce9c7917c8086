#include "serval/Preparation/SpacingPlan.h"

#include "serval/Core/Error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace serval
{
namespace
{

// Linear between neighbouring values.
double Quantile(std::vector<double> values, double share)
{
  std::sort(values.begin(), values.end());
  const double place = share * static_cast<double>(values.size() - 1);
  const auto   below = static_cast<std::size_t>(place);
  const auto   above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

} // namespace

SpacingPlan FitSpacing(const std::vector<Geometry> & geometries)
{
  Require(!geometries.empty(), Fault::Input, "a spacing plan needs at least one training case");
  std::array<std::vector<double>, 3> edges, lengths;
  for (const auto & g : geometries)
  {
    const double edge[]{ g.spacing.x, g.spacing.y, g.spacing.z };
    const double size[]{ double(g.extent.x), double(g.extent.y), double(g.extent.z) };
    for (std::size_t axis = 0; axis < 3; ++axis)
    {
      edges[axis].push_back(edge[axis]);
      lengths[axis].push_back(size[axis] * edge[axis]);
    }
  }
  std::array<double, 3> target{}, size{};
  const auto            resize = [&] {
    for (std::size_t axis = 0; axis < 3; ++axis)
      size[axis] = Quantile(lengths[axis], 0.5) / target[axis];
  };
  for (std::size_t axis = 0; axis < 3; ++axis)
    target[axis] = Quantile(edges[axis], 0.5);
  resize();
  const auto  longest = static_cast<std::size_t>(std::max_element(target.begin(), target.end()) - target.begin());
  const auto  a = (longest + 1) % 3, b = (longest + 2) % 3;
  SpacingPlan plan;
  plan.cases = static_cast<int>(geometries.size());
  plan.isAnisotropic = target[longest] > 3 * std::max(target[a], target[b]) && 3 * size[longest] < std::min(size[a], size[b]);
  if (plan.isAnisotropic)
    target[longest] = std::max({ Quantile(edges[longest], 0.1), target[a], target[b] });
  resize();
  plan.spacing = { target[0], target[1], target[2] };
  plan.medianSize = { std::llround(size[0]), std::llround(size[1]), std::llround(size[2]) };
  return plan;
}

std::string SpacingPlan::ToJson() const
{
  return nlohmann::json{ { "spacing", { spacing.x, spacing.y, spacing.z } },
                         { "medianSize", { medianSize.x, medianSize.y, medianSize.z } },
                         { "cases", cases },
                         { "anisotropic", isAnisotropic } }
    .dump();
}

SpacingPlan SpacingPlan::FromJson(const std::string & text)
{
  try
  {
    const auto  json = nlohmann::json::parse(text);
    const auto &edge = json.at("spacing"), &size = json.at("medianSize");
    SpacingPlan plan{ { edge.at(0), edge.at(1), edge.at(2) },
                      { size.at(0), size.at(1), size.at(2) },
                      json.at("cases"),
                      json.at("anisotropic") };
    Require(plan.spacing.x > 0 && plan.spacing.y > 0 && plan.spacing.z > 0, Fault::Input, "a spacing plan has a voxel edge that is not positive");
    return plan;
  }
  catch (const nlohmann::json::exception & e)
  {
    Fail(Fault::Input, "this is no spacing plan: ", e.what());
  }
}

} // namespace serval
