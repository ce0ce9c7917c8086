#pragma once
// Gathers what stands on the page of a study beside its results: pseudonyms, pictures of cases, where networks looked.

#include "serval/CommandLine/Application.h"
#include "serval/Cache/PatchCache.h"
#include "serval/Core/AtomicFile.h"
#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Dataset/Lineage.h"
#include "serval/Report/Report.h"
#include "serval/Visualization/Scene.h"

#include "StudyAudit.h"
#include "StudySaliency.h"
#include "StudyVolumes.h"

#include <algorithm>
#include <set>

namespace serval
{

struct StudyReport
{
  const StudyFile &     study;
  const StudyPlan &     plan;
  const StudyResults &  results;
  std::filesystem::path folder;
  bool                  embedVolumes = false;
  std::size_t           pictured = 12; ///< cases of each target

  /// report.html, the plots and pseudonyms.csv in the study's folder.
  void Write(app::Context & context, const std::map<std::string, CellOutcome> & states) const
  {
    const auto  key = SiteKey::OpenOrCreate(folder / "site.key");
    ReportInput input{ study, plan, results, states, [&key](const std::string & patient) { return key.PseudonymOf(patient); } };
    for (const auto & target : study.targets)
    {
      if (!target.manifest.empty())
        input.cohorts[target.name] = CohortOf(target);
      AddFacts(target.name, input);
      AddCasePictures(context, target.name, input);
    }
    for (const auto & picture : plan.pictures)
      input.pictures.push_back({ picture, CaptionOf(picture) });
    if (embedVolumes)
      AddVolumes(context, input);
    WritePseudonyms(key);
    const auto plots = DrawPlots(study, results);
    WritePlots(plots, folder / "pictures");
    WriteTextFile(folder / "report.html", MakeReport(input, plots));
  }

private:
  void AddFacts(const std::string & target, ReportInput & input) const
  {
    for (const auto & planned : plan.targets)
      if (planned.name == target && std::filesystem::exists(planned.cache / "cache.json"))
        input.facts[target] = FactsOf(planned.cache);
  }

  /// The source's own words; surfaces and cases are told apart.
  std::string CaptionOf(const std::filesystem::path & picture) const
  {
    auto stem = picture.stem().string();
    for (const auto & source : study.sources)
      if (const auto at = stem.rfind(source.name + "-"); at != stem.npos)
      {
        const auto rest = stem.substr(at + source.name.size() + 1);
        return (source.text.empty() ? source.name : source.text) + (rest == "surface" ? ", surfaces of the labels" : ", case " + rest);
      }
    return stem;
  }

  /// Which patient is which: for those who hold the study folder, never in the page.
  void WritePseudonyms(const SiteKey & key) const
  {
    std::set<std::string> patients;
    for (const auto & one : results.cases)
      patients.insert(one.patient);
    Table table({ "pseudonym", "patient" });
    for (const auto & patient : patients)
      table.AddRow({ key.PseudonymOf(patient).substr(0, 16), patient });
    table.Write(folder / "pseudonyms.csv");
  }

  void AddCasePictures(app::Context & context, const std::string & target, ReportInput & input) const
  {
    const auto * best = BestArm(study, results, target);
    const auto   planned = std::find_if(plan.targets.begin(), plan.targets.end(), [&](const PlannedTarget & one) { return one.name == target; });
    if (best == nullptr || planned == plan.targets.end() || !std::filesystem::exists(planned->cache / "cache.json"))
      return;
    const PatchCache cache(planned->cache);
    auto             cases = ConfidentErrorsFirst(results, target, best->arm);
    std::erase_if(cases, [&](const CaseResult * one) { return !PatchOf(cache, *one); });
    cases.resize(std::min(cases.size(), pictured));
    const auto maps = study.pictures > 0 ? SaliencyOf(context, PlanSaliency(study, plan, folder, *planned, *best, cases), folder) : std::map<std::size_t, std::filesystem::path>();
    for (const auto * one : cases)
    {
      const auto patch = *PatchOf(cache, *one);
      const auto stem = Concat("case-", target, "-", patch);
      auto &     pictures = input.casePictures[{ target, one->unitId }];
      pictures.picture = folder / "pictures" / (stem + ".png");
      WritePicture(SlicesOf(cache, patch), pictures.picture);
      if (maps.contains(patch))
      {
        pictures.saliency = folder / "pictures" / (stem + "-saliency.png");
        WritePicture(SlicesOf(cache, patch, MostSalient(maps.at(patch), static_cast<std::size_t>(cache.Description().patch.Voxels()))), pictures.saliency);
      }
    }
  }
};

} // namespace serval
