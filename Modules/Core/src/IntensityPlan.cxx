#include "serval/Core/IntensityPlan.h"

#include "serval/Core/Error.h"

#include <nlohmann/json.hpp>

namespace serval
{

std::string IntensityPlan::ToJson() const
{
  if (kind == Kind::ZScore)
    return nlohmann::json{ { "kind", "z-score" } }.dump();
  return nlohmann::json{ { "kind", "window" }, { "low", low }, { "high", high } }.dump();
}

IntensityPlan IntensityPlan::FromJson(const std::string & text)
{
  try
  {
    const auto json = nlohmann::json::parse(text);
    if (json.at("kind") == "z-score")
      return {};
    Require(json.at("kind") == "window", Fault::Input, "the intensity plan '", text, "' is unknown");
    IntensityPlan plan{ Kind::Window, json.at("low"), json.at("high") };
    Require(plan.low < plan.high, Fault::Input, "the intensity window '", text, "' is empty");
    return plan;
  }
  catch (const nlohmann::json::exception &)
  {
    Fail(Fault::Input, "the intensity plan '", text, "' is damaged");
  }
}

} // namespace serval
