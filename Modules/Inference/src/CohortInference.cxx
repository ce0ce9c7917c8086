#include "serval/Inference/CohortInference.h"
#include "serval/Volume/LabelsOnGrid.h"

#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/FolderLock.h"
#include "serval/Core/Table.h"
#include "serval/Core/Text.h"

#include <nlohmann/json.hpp>

namespace serval
{
namespace
{

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string SettingsOf(const ClassifyPlan & p)
{
  return Concat(p.sampler, ' ', p.overlap, ' ', p.count, ' ', int(p.ofLesions), ' ', int(p.ofPatient), ' ', p.seed, ' ', p.computing.flips, ' ', p.computing.precision);
}

// What an earlier run found out about the same volume with the same model and settings; null otherwise.
Json Finished(const fs::path & file, const std::string & input, const std::string & modelHash, const std::string & settings)
{
  if (!fs::exists(file))
    return nullptr;
  auto json = Json::parse(ReadTextFile(file), nullptr, false);
  const auto is = [&](const char * pointer, const std::string & text) { return json.value(Json::json_pointer(pointer), std::string()) == text; };
  return json.is_object() && is("/model/sha256", modelHash) && is("/input/hash", input) && is("/settings", settings) ? json : Json(nullptr);
}

void AddRow(Table & table, const Case & one, const Json & json, const std::vector<std::string> & classes)
{
  std::vector<std::string> row{ one.id, one.patient, json.at("verdict"), json.value("class", "") };
  for (const auto & name : classes)
    row.push_back(json.contains("probabilities") ? FormatNumber(json.at("probabilities").at(name)) : "");
  row.push_back(json.value("reason", ""));
  table.AddRow(row);
}

} // namespace

CaseImages ReadCaseImages(const Case & one, const CohortInferencePlan & plan)
{
  CaseImages images;
  images.channels.push_back(ReadVolume(one.image, plan.reading));
  for (const auto & path : one.furtherChannels)
    images.channels.push_back(ReadVolume(path, plan.reading));
  if (const auto found = plan.candidates.find(one.id); found != plan.candidates.end())
    images.candidates = found->second;
  if (plan.usesSegmentation)
    images.labels = ReadLabelsOn(images.channels.front().geometry, one.segmentation, plan.reading);
  return images;
}

CohortInferenceResult ClassifyCohort(const Manifest & manifest, const ModelFile & model, const std::string & modelHash, const CohortInferencePlan & plan,
                                     const fs::path & folder, Progress & progress)
{
  std::error_code failure;
  fs::create_directories(folder, failure);
  const FolderLock         lock(folder);
  const auto               settings = SettingsOf(plan.classify);
  CohortInferenceResult    result;
  std::vector<std::string> columns{ "case", "patient", "verdict", "class" };
  for (const auto & name : model.classNames)
    columns.push_back("p_" + name);
  columns.emplace_back("reason");
  Table       table(columns);
  std::size_t at = 0;
  for (const auto & one : manifest.Cases())
  {
    progress.Report(double(at++) / double(manifest.Cases().size()), Concat("Case ", at, " of ", manifest.Cases().size()));
    try
    {
      auto       images = ReadCaseImages(one, plan);
      const auto file = folder / (one.id + ".json");
      Json       json = Finished(file, SourceFingerprint(images), modelHash, settings);
      if (json.is_null())
      {
        NoProgress quiet;
        json = Json::parse(ToJson(ClassifyCase(std::move(images), model, plan.classify, quiet), model, modelHash));
        json["settings"] = settings;
        WriteTextFile(file, json.dump(1) + "\n");
      }
      else
        ++result.kept;
      ++(json.at("verdict") == "assessed" ? result.assessed : result.notAssessed);
      AddRow(table, one, json, model.classNames);
    }
    catch (const Error & e)
    {
      if (e.Kind() != Fault::Input)
        throw;
      result.problems.push_back({ one.id, "classify", e.what() });
    }
  }
  table.Write(folder / "classifications.csv");
  fs::remove(folder / "excluded.csv", failure);
  if (!result.problems.empty())
    WriteExcluded(result.problems, folder / "excluded.csv");
  return result;
}

} // namespace serval
