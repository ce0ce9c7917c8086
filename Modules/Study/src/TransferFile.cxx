#include "serval/Study/TransferFile.h"

#include "TomlSection.h"
#include "serval/Core/Text.h"

#include <algorithm>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

const std::vector<std::string> tasks{ "segment", "classify", "reconstruct", "restore", "masked", "boltzmann" };

TransferStage ReadStage(const toml::table & table, const fs::path & folder)
{
  Section       section(table, "[[stage]]");
  TransferStage stage;
  stage.name = section.Need<std::string>("name");
  stage.task = section.Need<std::string>("task");
  stage.cache = (folder / section.Need<std::string>("cache")).lexically_normal();
  if (const auto patients = section.Get<std::string>("patients", ""); !patients.empty())
    stage.patients = (folder / patients).lexically_normal();
  stage.init = section.Get<std::string>("init", stage.init);
  for (const char * key : { "freeze", "reset", "rates" })
  {
    const bool isList = table[key].is_array();
    const auto words = isList ? Join(section.List<std::string>(key), ",") : section.Get<std::string>(key, "");
    if (!words.empty())
      stage.options.insert(stage.options.end(), { std::string("--") + key, words });
  }
  const auto more = section.Options("options");
  stage.options.insert(stage.options.end(), more.begin(), more.end());
  section.Finish();
  RequirePlainName("stage", stage.name);
  const auto near = NearestWord(stage.task, tasks);
  Require(std::find(tasks.begin(), tasks.end(), stage.task) != tasks.end(), Fault::Input, "stage '", stage.name, "': the task '", stage.task,
          "' is unknown", near.empty() ? "" : "; did you mean '" + near + "'?", "; known are ", Join(tasks, ", "));
  return stage;
}

} // namespace

TransferFile TransferFile::Read(const fs::path & file)
{
  const auto   root = ParseToml(file);
  const auto   folder = fs::absolute(file).parent_path();
  Section      top(root, "'" + file.string() + "'");
  TransferFile transfer;
  Require(top.Need<std::string>("schema") == "serval-transfer/1", Fault::Input, "'", file.string(), "': schema serval-transfer/1 is expected");
  transfer.title = top.Need<std::string>("title");
  top.Allow("stage");
  std::vector<std::string> names;
  for (const auto * table : Tables(root, "stage"))
  {
    auto stage = ReadStage(*table, folder);
    Require(std::find(names.begin(), names.end(), stage.name) == names.end(), Fault::Input, "stage '", stage.name, "' stands twice");
    Require(stage.init != "previous" || !names.empty(), Fault::Input, "stage '", stage.name, "': there is no previous one");
    if (stage.init == "previous")
      stage.init = names.back();
    else if (stage.init != "scratch" && std::find(names.begin(), names.end(), stage.init) == names.end())
    {
      Require(stage.init.ends_with(".safetensors"), Fault::Input, "stage '", stage.name, "': init '", stage.init,
              "' is neither scratch, previous, an earlier stage nor a model file");
      stage.init = (folder / stage.init).lexically_normal().string();
    }
    names.push_back(stage.name);
    transfer.stages.push_back(std::move(stage));
  }
  top.Finish();
  Require(!transfer.stages.empty(), Fault::Input, "'", file.string(), "' has no [[stage]]");
  return transfer;
}

StudyPlan PlanTransfer(const TransferFile & transfer, const fs::path & folder, const fs::path & modules)
{
  StudyPlan plan;
  for (const auto & stage : transfer.stages)
  {
    const bool classifies = stage.task == "classify";
    const auto model = folder / (stage.name + ".safetensors"), curve = folder / (stage.name + "-curve.csv");
    Cell       cell{ stage.name, {}, {}, { model, curve } };
    Words      words{ (modules / (classifies ? "ServalTrainClassifier" : "ServalPretrainNetwork")).string(), "--cache", stage.cache.string(),
                      "--output", model.string(), "--curve", curve.string() };
    if (!classifies)
      words.insert(words.end(), { "--task", stage.task });
    if (!stage.patients.empty())
      words.insert(words.end(), { "--patients", stage.patients.string() });
    if (stage.init.ends_with(".safetensors"))
      words.insert(words.end(), { "--source", stage.init });
    else if (stage.init != "scratch")
    {
      words.insert(words.end(), { "--source", (folder / (stage.init + ".safetensors")).string() });
      cell.needs.push_back(stage.init);
    }
    words.insert(words.end(), stage.options.begin(), stage.options.end());
    cell.commands.push_back(std::move(words));
    plan.cells.push_back(std::move(cell));
  }
  return plan;
}

} // namespace serval
