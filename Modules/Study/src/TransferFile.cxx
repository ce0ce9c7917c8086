#include "serval/Study/TransferFile.h"

#include "StudyFields.h"
#include "serval/Core/Text.h"

#include <algorithm>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

TransferStage ReadStage(const toml::table & table, const fs::path & file)
{
  StudyFields   fields(&table, "[[stage]]", file);
  TransferStage stage;
  std::string   freeze, reset, rates;
  Words         more;
  fields.Add("name", &stage.name, "Name of the stage and its model").Needed();
  fields.Add("task", &stage.task, "What is learned").Needed().Choices({ "segment", "classify", "reconstruct", "restore", "masked", "boltzmann" });
  fields.Add("cache", &stage.cache, "Patch cache").Needed();
  fields.Add("patients", &stage.patients, "Text file with the patients that take part")
    .Add("init", &stage.init, "scratch, previous, the name of an earlier stage, or a model file")
    .AddJoined("freeze", &freeze, "Layers held fixed")
    .AddJoined("reset", &reset, "Layers that start anew")
    .AddJoined("rates", &rates, "Factors of the learning rate by layer")
    .AddOptions("options", &more, "More options of the training");
  fields.Finish();
  for (const auto & [key, words] : { std::pair("--freeze", freeze), std::pair("--reset", reset), std::pair("--rates", rates) })
    if (!words.empty())
      stage.options.insert(stage.options.end(), { key, words });
  stage.options.insert(stage.options.end(), more.begin(), more.end());
  RequirePlainName("stage", stage.name);
  return stage;
}

} // namespace

TransferFile TransferFile::Read(const fs::path & file)
{
  const auto   root = ParseToml(file);
  const auto   folder = fs::absolute(file).parent_path();
  StudyFields  top(&root, "the transfer", file);
  TransferFile transfer;
  std::string  schema;
  top.Add("schema", &schema, "Version of the form").Needed().Choices({ "serval-transfer/1" });
  top.Add("title", &transfer.title, "In words").Needed();
  const auto * stages = top.AddNode("stage", {});
  top.Finish();
  Require(stages && stages->is_array() && !stages->as_array()->empty(), Fault::Input, "'", file.string(), "' has no [[stage]]");
  std::vector<std::string> names;
  for (const auto & node : *stages->as_array())
  {
    Require(node.is_table(), Fault::Input, PlaceOf(node, file), ": 'stage' must be written as [[stage]]");
    auto stage = ReadStage(*node.as_table(), file);
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
