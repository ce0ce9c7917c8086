#include "CaseRecord.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Hash.h"

#include <nlohmann/json.hpp>

#include <span>

namespace serval
{
namespace
{

using Json = nlohmann::ordered_json;

constexpr const char * schema = "serval-pseudo-segmentation-record/1"; // another one when the labels' making changes

Json ToJson(const PseudoSummary & summary)
{
  Json json{ { "thresholds", summary.thresholds }, { "low", summary.low }, { "high", summary.high }, { "changed", summary.changed } };
  json["labels"] = Json::array();
  for (const auto & entry : summary.classes)
    json["labels"].push_back(
      { { "value", entry.value }, { "name", entry.name }, { "voxels", entry.voxels }, { "ml", entry.milliliters } });
  return json;
}

PseudoSummary SummaryOf(const Json & json)
{
  PseudoSummary summary;
  summary.thresholds = json.at("thresholds").get<std::vector<double>>();
  summary.low = json.at("low");
  summary.high = json.at("high");
  summary.changed = json.at("changed");
  for (const auto & entry : json.at("labels"))
    summary.classes.push_back({ entry.at("value"), entry.at("name"), entry.at("voxels"), entry.at("ml") });
  return summary;
}

} // namespace

std::string KeyOf(const Volume & volume, const ThresholdRecipe & recipe)
{
  const Json json{ { "schema", schema },
                   { "voxels", VoxelFingerprint(volume) },
                   { "method", static_cast<int>(recipe.method) },
                   { "classes", recipe.classes },
                   { "thresholds", recipe.thresholds },
                   { "percentiles", recipe.percentiles },
                   { "opening", recipe.opening },
                   { "largest", recipe.largest },
                   { "fillHoles", recipe.fillHoles },
                   { "minimumSize", recipe.minimumSize },
                   { "isBodyFirst", recipe.isBodyFirst },
                   { "names", recipe.names },
                   { "jitter", recipe.limits.jitter } };
  const std::string text = json.dump();
  return ContentHash(std::as_bytes(std::span(text)));
}

std::optional<CaseRecord> ReadRecord(const std::filesystem::path & file)
{
  if (!std::filesystem::exists(file))
    return {};
  try
  {
    const Json json = Json::parse(ReadTextFile(file));
    if (json.at("schema") != schema)
      return {};
    return CaseRecord{ json.at("key"), json.at("labelMap"), SummaryOf(json.at("summary")) };
  }
  catch (const Json::exception &) // damaged: the case is made again
  {
    return {};
  }
}

void WriteRecord(const CaseRecord & record, const std::filesystem::path & file)
{
  const Json json{ { "schema", schema },
                   { "key", record.key },
                   { "labelMap", record.labelsHash },
                   { "summary", ToJson(record.summary) } };
  WriteTextFile(file, json.dump(2) + "\n");
}

} // namespace serval
