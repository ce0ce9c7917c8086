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
#include "StudyFeatures.h"
#include "StudyGalleries.h"
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
      AddPictures(context, target.name, input);
    }
    for (const auto & picture : plan.pictures)
      input.pictures.push_back({ picture, CaptionOf(picture) });
    if (embedVolumes)
      AddVolumes(context, input);
    WritePseudonyms(key);
    auto plots = DrawPlots(study, results);
    AddFeaturePlots(study, plan, plots);
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

  void AddPictures(app::Context & context, const std::string & target, ReportInput & input) const
  {
    const auto planned = std::find_if(plan.targets.begin(), plan.targets.end(), [&](const PlannedTarget & one) { return one.name == target; });
    if (planned == plan.targets.end() || !std::filesystem::exists(planned->cache / "cache.json") || results.classNames.at(target).empty())
      return;
    const PatchCache     cache(planned->cache);
    const auto           shown = PicturedCases(cache, *planned);
    const StudyGalleries galleries(input, *planned, cache, folder);
    RunSaliency          saliency(study, *planned, folder);
    for (const auto & [one, patch] : shown)
      if (const auto run = RunThatTests(plan, *planned, *one))
        saliency.Want(*run, patch.patch);
    galleries.Want(saliency);
    saliency.Make(context);
    for (const auto & [one, patch] : shown)
      AddCase(cache, *planned, *one, patch, saliency, input);
    galleries.Add(saliency);
  }

  /// The best arm's cases that are shown, with their patches.
  std::vector<std::pair<const CaseResult *, UnitPatch>> PicturedCases(const PatchCache & cache, const PlannedTarget & target) const
  {
    std::vector<std::pair<const CaseResult *, UnitPatch>> shown;
    UnitPatches                                           patches(plan, target, cache);
    if (const auto * best = BestArm(study, results, target.name))
      for (const auto * one : ConfidentErrorsFirst(results, target.name, best->arm))
        if (const auto patch = shown.size() < pictured ? patches.Of(*one) : std::nullopt)
          shown.emplace_back(one, *patch);
    return shown;
  }

  void AddCase(const PatchCache & cache, const PlannedTarget & planned, const CaseResult & one, const UnitPatch & shown, const RunSaliency & saliency, ReportInput & input) const
  {
    const auto patch = shown.patch;
    const auto run = RunThatTests(plan, planned, one);
    const auto stem = Concat("case-", one.target, "-", patch);
    auto &     pictures = input.casePictures[{ one.target, one.unitId }];
    if (shown.of > 1)
      pictures.note = Concat("The patch, of ", shown.of, ", that speaks most for ", one.decision, " in ", NameOf(planned, *run), ".");
    pictures.picture = folder / "pictures" / (stem + ".png");
    WritePicture(SlicesOf(cache, patch), pictures.picture);
    const auto   maps = run ? saliency.Of(run->cell) : SaliencyByPatch();
    if (!maps.contains(patch))
      return;
    pictures.saliency = folder / "pictures" / (stem + "-saliency.png");
    WritePicture(SlicesOf(cache, patch, MostSalient(maps.at(patch), static_cast<std::size_t>(cache.Description().patch.Voxels()))), pictures.saliency);
    const auto   most = std::max_element(one.ofRepeat.begin(), one.ofRepeat.end());
    const auto & decision = results.classNames.at(one.target).at(static_cast<std::size_t>(most - one.ofRepeat.begin()));
    pictures.run = Concat(NameOf(planned, *run), ": ", decision, " ", FormatFixed(*most, 3));
  }
};

} // namespace serval
