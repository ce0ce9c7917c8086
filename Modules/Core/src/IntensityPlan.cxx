#include "serval/Core/IntensityPlan.h"

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace serval
{

std::vector<IntensityLimits> WindowsFrom(const std::vector<std::string> & texts)
{
  std::vector<IntensityLimits> windows;
  for (const auto & text : texts)
  {
    const auto parts = Split(text, ':');
    const auto low = ParseDouble(parts.front()), high = ParseDouble(parts.back());
    Require(parts.size() == 2 && low && high && *low < *high, Fault::Usage, "--window: '", text,
            "' is not LOW:HIGH, such as -160:240");
    windows.push_back({ *low, *high });
  }
  return windows;
}

int IntensityPlan::Channels(int stored) const
{
  return stored * std::max(1, static_cast<int>(windows.size())) * repeat;
}

void IntensityPlan::Check(int input) const
{
  const auto isEmpty = [](const IntensityLimits & window) { return !(window.low < window.high); };
  Require(std::none_of(windows.begin(), windows.end(), isEmpty), Fault::Usage, "an intensity window is empty");
  Require(repeat >= 1, Fault::Usage, "input channels repeated ", repeat, " times; at least once is expected");
  Require(means.size() == deviations.size() && (means.empty() || (!windows.empty() && static_cast<int>(means.size()) == input)),
          Fault::Usage, "means and deviations of input channels need windows, and one number for each of ", input,
          " channels; found ", means.size(), " and ", deviations.size());
  Require(std::all_of(deviations.begin(), deviations.end(), [](double value) { return value > 0; }), Fault::Usage,
          "a deviation of an input channel is not above 0");
}

std::string IntensityPlan::ToJson() const
{
  nlohmann::json json{ { "kind", windows.empty() ? "z-score" : "window" }, { "repeat", repeat } };
  for (const auto & window : windows)
    json["windows"].push_back({ window.low, window.high });
  if (!means.empty())
    json.update({ { "means", means }, { "deviations", deviations } });
  return json.dump();
}

IntensityPlan IntensityPlan::FromJson(const std::string & text)
{
  try
  {
    const auto    json = nlohmann::json::parse(text);
    IntensityPlan plan;
    plan.repeat = json.at("repeat");
    plan.means = json.value("means", plan.means);
    plan.deviations = json.value("deviations", plan.deviations);
    Require(json.at("kind") == "z-score" || json.at("kind") == "window", Fault::Input, "the intensity plan '", text,
            "' is unknown");
    if (json.at("kind") == "window")
      for (const auto & window : json.at("windows"))
        plan.windows.push_back({ window.at(0), window.at(1) });
    plan.Check(static_cast<int>(plan.means.size()));
    return plan;
  }
  catch (const nlohmann::json::exception &)
  {
    Fail(Fault::Input, "the intensity plan '", text, "' is damaged");
  }
  catch (const Error & error)
  {
    Fail(Fault::Input, "the intensity plan '", text, "' is wrong: ", error.what());
  }
}

} // namespace serval
