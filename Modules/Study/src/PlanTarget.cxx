#include "PlanWork.h"

#include "StudyDeclarations.h"
#include "serval/Cache/PatchCache.h"
#include "serval/Core/Random.h"
#include "serval/Core/Table.h"
#include "serval/Dataset/Lineage.h"
#include "serval/Dataset/Split.h"

#include <algorithm>
#include <iterator>

namespace serval
{
namespace
{

namespace fs = std::filesystem;

/// Cases of the manifest with the target's classes; those of classes it does not name are left out.
std::vector<Case> CasesOf(const StudyTarget & target, const fs::path & manifest)
{
  std::vector<Case> cases;
  const auto        read = Manifest::Read(manifest);
  for (auto one : read.Cases())
  {
    if (!target.classes.empty())
    {
      const auto renamed = target.classes.find(one.className);
      if (renamed == target.classes.end())
        continue;
      one.className = renamed->second;
    }
    cases.push_back(std::move(one));
  }
  Require(!cases.empty(), Fault::Input, "target '", target.name, "': no case of '", manifest.string(), "' has one of the classes that `classes` names");
  return cases;
}

/// Cases of a cache; the class of a case is that of all its patches, or none.
std::vector<Case> CasesOf(const PatchCache & cache)
{
  std::vector<Case>                             cases(cache.Cases().size());
  std::map<std::size_t, std::set<std::string>> classes;
  for (const auto & patch : cache.Patches())
    if (patch.classIndex >= 0)
      classes[patch.caseIndex].insert(cache.Description().classNames[static_cast<std::size_t>(patch.classIndex)]);
  for (std::size_t i = 0; i < cases.size(); ++i)
  {
    cases[i].id = cache.Cases()[i].caseId;
    cases[i].patient = cache.Cases()[i].patient;
    if (classes[i].size() == 1)
      cases[i].className = *classes[i].begin();
  }
  return cases;
}

/// All patients of the first manifest train, all of the second are tested.
std::vector<Resample> TwoDataSets(const PlanWork & work, const std::vector<Case> & training, const std::vector<Case> & test)
{
  const auto &          study = work.study;
  std::set<std::string> trained, tested;
  for (const auto & one : training)
    trained.insert(one.patient);
  for (const auto & one : test)
    tested.insert(one.patient);
  std::vector<std::string> both;
  std::set_intersection(trained.begin(), trained.end(), tested.begin(), tested.end(), std::back_inserter(both));
  Require(both.empty(), Fault::Input, "rule 1, whole patients are divided: ", both.size(), " patient(s) stand in manifest and testManifest (", Pseudonyms(work, both),
          "). Rename different people of one id, leave the same ones out of one manifest");
  std::vector<Resample> resamples;
  for (int repeat = 0; repeat < study.resampling.repeats; ++repeat)
    resamples.push_back({ repeat, 0,
                          TrainingOrder(training, { trained.begin(), trained.end() }, study.resampling.draw, DeriveSeed(study.seed, { "training patients", std::to_string(repeat), "0" })),
                          { tested.begin(), tested.end() } });
  return resamples;
}

/// Only those that are run (--scale smoke).
void Limit(std::vector<Resample> & resamples, const StudyFile & study)
{
  std::erase_if(resamples, [&](const Resample & one) { return (study.runRepeats > 0 && one.repeat >= study.runRepeats) || (study.runFolds > 0 && one.fold >= study.runFolds); });
}

void RequireClasses(const StudyFile & study, const TargetWork & work)
{
  Require(!work.hasManifest || !work.target.TakesClassOfCase(study) || work.classNames.size() >= 2, Fault::Input, "target '", work.target.name, "': '", work.target.manifest.string(), "' gives ", work.classNames.size(),
          " class(es) in its column class; two are needed, or patches = { classFrom = \"centre\", sampler = \"class\", classNames = [...] } takes classes from the segmentations");
}

void CheckPatients(const StudyFile & study, const TargetWork & work)
{
  std::map<std::string, std::string> classOf = ClassesOfPatients(work.cases);
  for (const auto & resample : work.resamples)
  {
    const auto largest = static_cast<std::size_t>(*std::max_element(study.trainPatients.begin(), study.trainPatients.end()));
    Require(resample.training.size() >= largest, Fault::Input, "target '", work.target.name, "': the study asks for ", largest, " training patients; beside ",
            resample.test.size(), " test patients there are ", resample.training.size());
    std::map<std::string, int> counts;
    for (const auto & patient : resample.test)
      ++counts[classOf.at(patient)];
    for (const auto & [name, count] : counts)
      Require(count >= study.minimumPerClass || name.find('+') != name.npos, Fault::Input, "target '", work.target.name, "': repeat ", resample.repeat + 1, ", fold ", resample.fold + 1, " tests ",
              count, " patient(s) of ", name.empty() ? "the cohort" : "class '" + name + "'", "; fewer than ", study.minimumPerClass,
              " give no interval worth the name. Take fewer folds or more test patients, join classes (target.classes), or lower design.minimumPerClass knowingly");
  }
}

std::size_t LargestSet(const StudyFile & study, const Resample & resample)
{
  const auto & sizes = study.trainPatients;
  return std::count(sizes.begin(), sizes.end(), 0) > 0 ? resample.training.size() : static_cast<std::size_t>(*std::max_element(sizes.begin(), sizes.end()));
}

void AddLists(PlanWork & work, TargetWork & target)
{
  const auto & study = work.study;
  for (const auto & resample : target.resamples)
  {
    work.AddList(target.TestList(resample), resample.test);
    target.tested.insert(resample.test.begin(), resample.test.end());
    for (const int size : study.trainPatients)
    {
      const auto               count = size == 0 ? resample.training.size() : static_cast<std::size_t>(size);
      std::vector<std::string> training{ resample.training.begin(), resample.training.begin() + static_cast<std::ptrdiff_t>(count) };
      target.used.insert(training.begin(), training.end());
      const auto tag = target.prefix + target.Tag(size, resample);
      if (study.validation > 0)
      {
        const auto parts = HoldOutPatients(target.cases, training, study.validation, DeriveSeed(study.seed, { "validation", std::to_string(resample.repeat) }));
        work.AddList("validation-" + tag, parts.validation);
        work.AddList("fit-" + tag, parts.training);
      }
      std::sort(training.begin(), training.end());
      work.AddList("train-" + tag, training);
    }
    std::vector<std::string> everyone{ resample.training.begin(), resample.training.begin() + static_cast<std::ptrdiff_t>(LargestSet(study, resample)) };
    everyone.insert(everyone.end(), resample.test.begin(), resample.test.end());
    std::sort(everyone.begin(), everyone.end());
    work.AddList(Concat(target.prefix, "everyone-r", resample.repeat), everyone);
  }
}

void PlanCache(PlanWork & work, TargetWork & target)
{
  const auto all = target.Everyone();
  const auto manifest = target.prefix + "cases.csv";
  work.plan.files[manifest] = ManifestOf(target, all, work.folder, {});
  Cell cell{ target.prefix + "extract-target" };
  cell.needs = target.caseNeeds;
  auto words = Extraction(work, target.Patches(work.study), UnpairedCache(target.target, target.cache));
  words.insert(words.begin() + 1, { "--manifest", work.At(manifest).string() });
  cell.commands.push_back(words);
  cell.outputs.push_back(UnpairedCache(target.target, target.cache));
  cell.reads = FilesOf(target, all);
  const auto id = cell.id;
  work.Add(std::move(cell));
  target.cacheNeeds = AddPairing(work, target, "target", target.cache, id);
}

void Tell(PlanWork & work, const TargetWork & target)
{
  PlannedTarget planned{ target.target.name, target.classNames, target.resamples, {}, target.cache, {} };
  const auto    classOf = ClassesOfPatients(target.cases);
  const auto &  first = target.resamples.front();
  for (const auto & patient : first.test)
    ++planned.patients[classOf.at(patient)]["test"];
  for (std::size_t i = 0; i < LargestSet(work.study, first); ++i)
    ++planned.patients[classOf.at(first.training[i])]["training"];
  work.plan.targets.push_back(std::move(planned));
}

} // namespace

bool StudyTarget::TakesClassOfCase(const StudyFile & study) const
{
  const auto words = Overridden(study.patches, patches);
  const auto from = std::find(words.begin(), words.end(), "--classFrom");
  return from == words.end() || *(from + 1) == "case";
}

Words TargetWork::Patches(const StudyFile & study) const { return Overridden(study.patches, target.patches); }

std::set<std::string> TargetWork::Everyone() const
{
  auto all = used;
  all.insert(tested.begin(), tested.end());
  return all;
}

std::string TargetWork::Tag(int size, const Resample & resample) const
{
  const bool hasFolds = resamples.size() > 1 && std::any_of(resamples.begin(), resamples.end(), [](const Resample & r) { return r.fold > 0; });
  return Concat(size == 0 ? std::string("all") : Concat("n", size), "-r", resample.repeat, hasFolds ? Concat("-f", resample.fold) : std::string());
}

std::string TargetWork::TestList(const Resample & resample) const
{
  const bool isFixed = std::all_of(resamples.begin(), resamples.end(), [&](const Resample & r) { return r.test == resamples.front().test; });
  return prefix + (isFixed ? std::string("test") : Concat("test-r", resample.repeat, "-f", resample.fold));
}

std::string ManifestOf(const TargetWork & target, const std::set<std::string> & patients, const fs::path & folder, const fs::path & pseudo)
{
  const auto relative = [&](const fs::path & path) { return path.empty() ? std::string() : path.lexically_proximate(folder).string(); };
  std::vector<std::string> columns{ "case", "patient", "image", "segmentation", "pseudo_segmentation", "class", "time_point" };
  for (std::size_t c = 1; c < target.channels.size(); ++c)
    columns.push_back("image_" + target.channels[c]);
  Table table(columns);
  for (const auto & one : target.cases)
  {
    if (!patients.contains(one.patient))
      continue;
    const auto & folderOfPseudo = pseudo.empty() ? target.segmented : pseudo;
    std::vector<std::string> row{ one.id, one.patient, relative(one.image), relative(one.segmentation), folderOfPseudo.empty() ? relative(one.pseudoSegmentation) : relative(folderOfPseudo / (one.id + ".nii.gz")),
                                  one.className, one.timePoint };
    for (const auto & channel : one.furtherChannels)
      row.push_back(relative(channel));
    table.AddRow(row);
  }
  return table.ToText();
}

fs::path SegmentationFolder(const PlanWork & work, const TargetWork & target, const std::string & name) { return work.At("segmentations/" + target.prefix + name); }

std::string PlanSegmentations(PlanWork & work, const TargetWork & target, const std::string & name, const Words & options, const std::set<std::string> & patients)
{
  Cell cell{ target.prefix + "segment-" + name };
  for (const auto & one : target.cases)
    if (patients.contains(one.patient))
    {
      const auto output = SegmentationFolder(work, target, name) / (one.id + ".nii.gz");
      cell.commands.push_back(Joined({ { work.Module("ServalSegmentByThreshold"), one.image.string(), output.string() }, options }));
      cell.outputs.push_back(output);
      cell.reads.push_back(one.image);
    }
  const auto id = cell.id;
  work.Add(std::move(cell));
  return id;
}

std::vector<fs::path> FilesOf(const TargetWork & target, const std::set<std::string> & patients)
{
  std::vector<fs::path> files;
  for (const auto & one : target.cases)
    if (patients.contains(one.patient))
      for (const auto & file : { one.image, one.segmentation })
        if (!file.empty())
          files.push_back(file);
  return files;
}

Words Extraction(const PlanWork & work, const Words & patches, const fs::path & cache)
{
  Words words{ work.Module("ServalExtractPatches"), "--cache", cache.string() };
  if (std::find(patches.begin(), patches.end(), "--seed") == patches.end())
    words.insert(words.end(), { "--seed", std::to_string(work.study.seed) });
  return Joined({ words, patches });
}

TargetWork PlanTarget(PlanWork & work, const StudyTarget & target, const std::vector<Resample> & given)
{
  const auto & study = work.study;
  TargetWork   planned{ target, study.targets.size() > 1 ? target.name + "." : "", {}, !target.manifest.empty(), {}, {}, {}, {}, {}, {}, {} };
  planned.cache = target.cache.empty() ? work.At((study.targets.size() > 1 ? target.name : "target") + ".cache") : target.cache;
  if (!target.imageSet.empty())
    planned.cache = work.At(target.name + ".cache");
  if (planned.hasManifest)
  {
    planned.cases = CasesOfPairs(work, target, CasesOf(target, target.manifest));
    planned.channels = Manifest::Read(target.manifest).ChannelNames();
  }
  else
  {
    const PatchCache cache(planned.cache);
    planned.cases = CasesOf(cache);
    planned.classNames = cache.Description().classNames;
    if (!target.imageSet.empty())
      planned.cacheNeeds = { planned.prefix + "extract-target" };
  }
  if (target.testManifest.empty())
    planned.resamples = PlanResampling(planned.cases, study.resampling);
  else
  {
    const auto tested = CasesOfPairs(work, target, CasesOf(target, target.testManifest));
    planned.resamples = TwoDataSets(work, planned.cases, tested);
    planned.cases.insert(planned.cases.end(), tested.begin(), tested.end());
  }
  Limit(planned.resamples, study);
  if (!given.empty())
    planned.resamples = given;
  if (planned.hasManifest)
  {
    std::set<std::string> names;
    for (const auto & one : planned.cases)
      if (!one.className.empty())
        names.insert(one.className);
    planned.classNames = { names.begin(), names.end() };
  }
  RequireClasses(study, planned);
  CheckPatients(study, planned);
  AddLists(work, planned);
  if (!target.segment.empty())
  {
    planned.segmented = SegmentationFolder(work, planned, "target");
    planned.caseNeeds = { PlanSegmentations(work, planned, "target", target.segment, planned.Everyone()) };
  }
  if (planned.hasManifest)
    PlanCache(work, planned);
  Tell(work, planned);
  return planned;
}

} // namespace serval
