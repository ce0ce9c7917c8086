#pragma once
// Which command lines `serval start` runs.

#include "StartInput.h"
#include "StartSteps.h"
#include "serval/Dataset/Manifest.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval
{

struct StartPlan
{
  StartChoices          choices;
  std::filesystem::path output;
  std::string           onError = "stop";
  int                   sheets = 4; ///< cases of each class
  std::vector<std::string> labelNames; ///< of the study's classes, as VALUE=NAME

  std::string In(const std::string & name) const { return (output / name).string(); }

  /// A file of the manifest as the user would name it.
  std::string InCohort(const std::filesystem::path & file) const { return In("cohort/" + file.lexically_relative(std::filesystem::absolute(output / "cohort").lexically_normal()).string()); }

  void RequireOwnFolder() const
  {
    const auto whole = [](const std::filesystem::path & path) { return std::filesystem::weakly_canonical(std::filesystem::absolute(path)); };
    for (const auto & [input, name] : { std::pair{ choices.folder, "the images" }, { choices.labels, "the labels" }, { choices.segmentations, "the segmentations" } })
      Require(input.empty() || whole(output).lexically_relative(whole(input)).native().starts_with(".."), Fault::Usage, "the output lies in the folder of ", name,
              "; name one beside it, so that what is made is not taken for input");
    Require(!std::filesystem::exists(output) || std::filesystem::is_empty(output) || std::filesystem::exists(output / "start.json"), Fault::Usage, "the output is a folder with other content; name a new one");
  }

  /// What is said in place of paths, which may name a patient; on request the paths themselves.
  StartNames Names() const
  {
    const bool showsPaths = ShownText("name") == "name";
    StartNames names;
    for (const auto & [path, name] : { std::pair{ choices.folder, "$IMAGES" }, { choices.labels, "$LABELS" }, { choices.segmentations, "$SEGMENTATIONS" }, { output, "$OUT" } })
      if (!path.empty() && !showsPaths)
        names.emplace_back(path.string(), name);
    return names;
  }

  StartStep Audit(const StartInput & input) const
  {
    StartStep step{ "audit", "audit", { "ServalAuditImages", choices.folder.string(), "--csv", In("audit.csv"), "--key", In("site.key") }, { output / "audit.csv" }, 0.05, { 0, 3 }, input.hash };
    AddSeriesRule(step.words);
    return step;
  }

  void AddSeriesRule(std::vector<std::string> & words) const
  {
    AddOption(words, "--modality", choices.rule.modality);
    AddOption(words, "--description", choices.rule.descriptionPattern);
  }

  StartStep Import(const StartInput & input) const
  {
    const auto & found = input.choices;
    StartStep    step{ "import", "import", { "ServalImportCases", found.folder.string() }, { output / "cohort" / "manifest.csv" }, 0.3, { 0, 6 }, input.hash };
    for (const auto & [option, value] : { std::pair{ "--labels", found.labels.string() }, { "--segmentations", found.segmentations.string() }, { "--join", found.join },
                                          { "--idColumn", found.idColumn }, { "--labelColumn", found.labelColumn }, { "--patientColumn", found.patientColumn },
                                          { "--out", In("cohort") }, { "--key", In("site.key") } })
      AddOption(step.words, option, value);
    AddSeriesRule(step.words);
    AddFlag(step.words, "--repair", choices.repairs);
    AddFlag(step.words, "--mergeClasses", found.mergesClasses);
    AddOption(step.words, "--onError", onError == "stop" ? "" : onError);
    if (std::filesystem::exists(output / "choices.csv"))
    {
      AddOption(step.words, "--choices", In("choices.csv"));
      step.changes += Sha256OfFile(output / "choices.csv");
    }
    return step;
  }

  /// The first cases of each class, drawn slice by slice.
  std::vector<StartStep> Sheets(const Manifest & cohort) const
  {
    std::vector<StartStep>     steps;
    std::map<std::string, int> drawn;
    for (const auto & one : cohort.Cases())
      if (drawn[one.className]++ < sheets)
      {
        const auto picture = In("sheets/" + one.id + ".png");
        steps.push_back({ "sheet " + one.id, "render-volume", { "ServalRenderVolume", InCohort(one.image), picture, "--mode", "mosaic" }, { picture } });
        AddOption(steps.back().words, "--labels", one.segmentation.empty() ? "" : InCohort(one.segmentation));
        AddOption(steps.back().words, "--title", one.id + (one.className.empty() ? "" : ", " + one.className));
      }
    for (std::size_t i = 0; i < steps.size(); ++i)
      steps[i].until = 0.3 + 0.1 * double(i + 1) / double(steps.size());
    std::filesystem::create_directories(output / "sheets");
    return steps;
  }

  StartStep NewStudy(const std::filesystem::path & file) const
  {
    StartStep step{ "new study", "study", { "ServalRunStudy", "new", file.string(), "--manifest", In("cohort/manifest.csv") }, { file }, 0.42, { 0 }, "", false };
    AddOption(step.words, "--labelNames", Join(labelNames, ","));
    return step;
  }
};

} // namespace serval
