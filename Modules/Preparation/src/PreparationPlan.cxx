#include "serval/Preparation/Preparation.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"

#include <nlohmann/json.hpp>

namespace serval
{
namespace
{

using nlohmann::json;

constexpr const char * schema = "serval-preparation/1";

json ToJsonValue(const IntensityLimits & limits) { return { limits.low, limits.high }; }

IntensityLimits LimitsFrom(const json & value) { return { value.at(0), value.at(1) }; }

json ToJsonValue(const ChannelScale & channel)
{
  json value = json::object();
  if (channel.clip)
    value["clip"] = ToJsonValue(*channel.clip);
  if (channel.standard)
    value["standard"] = { { "percentages", channel.standard->percentages }, { "values", channel.standard->values } };
  return value;
}

ChannelScale ChannelFrom(const json & value)
{
  ChannelScale channel;
  if (value.contains("clip"))
    channel.clip = LimitsFrom(value.at("clip"));
  if (value.contains("standard"))
  {
    channel.standard = IntensityStandard{ value.at("standard").at("percentages"), value.at("standard").at("values") };
    Require(channel.standard->percentages.size() == channel.standard->values.size() && channel.standard->values.size() >= 2,
            Fault::Input, "a preparation plan has a scale of intensities whose lengths differ");
  }
  return channel;
}

const char * NameOf(Foreground kind)
{
  return kind == Foreground::All ? "all" : kind == Foreground::Positive ? "positive" : "mean";
}

PreparationPlan PlanFrom(const json & value)
{
  Require(value.at("schema") == schema, Fault::Input, "a preparation plan of schema ", value.at("schema").dump(),
          " was given; ", schema, " is expected");
  PreparationPlan plan;
  plan.correctsBias = value.at("biasCorrection");
  plan.orientation = value.at("orientation");
  if (!value.at("spacing").is_null())
    plan.spacing = SpacingPlan::FromJson(value.at("spacing").dump());
  plan.interpolation = value.at("interpolation") == "linear" ? Interpolation::Linear : Interpolation::BSpline;
  plan.foreground = ForegroundFrom(value.at("foreground"));
  plan.percentileClip = value.at("percentileClip").get<std::vector<double>>();
  for (const auto & channel : value.at("channels"))
    plan.channels.push_back(ChannelFrom(channel));
  plan.reference = value.at("reference");
  plan.zScores = value.at("zscore");
  for (const auto & window : value.at("windows"))
    plan.windows.push_back(LimitsFrom(window));
  plan.fitSplit = value.at("fit").at("split");
  plan.fitCases = value.at("fit").at("cases");
  return plan;
}

} // namespace

std::string PreparationPlan::ToJson() const
{
  json value{ { "schema", schema },
              { "biasCorrection", correctsBias },
              { "orientation", orientation },
              { "spacing", spacing ? json::parse(spacing->ToJson()) : json() },
              { "interpolation", interpolation == Interpolation::Linear ? "linear" : "bspline" },
              { "foreground", NameOf(foreground) },
              { "percentileClip", percentileClip },
              { "channels", json::array() },
              { "reference", reference },
              { "zscore", zScores },
              { "windows", json::array() },
              { "fit", { { "split", fitSplit }, { "cases", fitCases }, { "transductive", fitSplit == wholeCohort } } } };
  for (const auto & channel : channels)
    value["channels"].push_back(ToJsonValue(channel));
  for (const auto & window : windows)
    value["windows"].push_back(ToJsonValue(window));
  return value.dump();
}

PreparationPlan PreparationPlan::FromJson(const std::string & text)
{
  try
  {
    return PlanFrom(json::parse(text));
  }
  catch (const json::exception & e)
  {
    Fail(Fault::Input, "this is no preparation plan: ", e.what());
  }
}

PreparationPlan PreparationPlan::Read(const std::filesystem::path & file)
{
  try
  {
    return FromJson(ReadTextFile(file));
  }
  catch (const Error & e)
  {
    Fail(e.Kind(), "'", file.string(), "': ", e.what());
  }
}

} // namespace serval
