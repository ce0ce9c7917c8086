#include "PlanWork.h"

#include "serval/Core/Random.h"

namespace serval
{

Words Joined(std::initializer_list<Words> lists)
{
  Words all;
  for (const auto & list : lists)
    all.insert(all.end(), list.begin(), list.end());
  return all;
}

std::string PlanWork::SeedOf(const std::string & tag) const { return std::to_string(DeriveSeed(study.seed, { "cell", tag }) >> 12); }

void PlanWork::Add(Cell cell)
{
  const auto [known, isNew] = made.emplace(cell.id, cell.outputs);
  Require(known->second == cell.outputs, Fault::Input, "two cells would be named '", cell.id, "': an arm has the name of a step before it; give the arm another name");
  if (!isNew)
    return;
  for (const auto & output : cell.outputs)
    if (output.extension() == ".cache")
      cell.commands.push_back({ Module("ServalManageCache"), "pack", output.string() });
  plan.cells.push_back(std::move(cell));
}

void PlanWork::AddList(const std::string & name, const std::vector<std::string> & patients) { plan.files["lists/" + name + ".txt"] = Join(patients, "\n") + "\n"; }

const Cell & StudyPlan::At(const std::string & id) const
{
  std::vector<std::string> known;
  for (const auto & cell : cells)
  {
    if (cell.id == id)
      return cell;
    known.push_back(cell.id);
  }
  const auto near = NearestWord(id, known);
  Fail(Fault::Usage, "there is no cell '", id, "'", near.empty() ? "; `plan` lists them" : "; did you mean '" + near + "'?");
}

/// All arms of a study, as they are on this target.
static void PlanArms(PlanWork & work, const StudyTarget & target)
{
  const auto planned = PlanTarget(work, target);
  for (const auto & resample : planned.resamples)
    for (const int size : work.study.trainPatients)
      for (const auto & arm : work.study.arms)
        PlanArm(work, planned, arm, size, resample);
  if (work.study.hasSimilarity)
    PlanSimilarity(work, planned);
  PlanPictures(work, planned);
}

StudyPlan PlanPreparation(const StudyFile & study, const std::filesystem::path & folder, const std::filesystem::path & modules)
{
  PlanWork work{ study, std::filesystem::absolute(folder).lexically_normal(), modules };
  for (const auto & target : study.targets)
    if (!target.imageSet.empty())
    {
      TargetWork one{ target, study.targets.size() > 1 ? target.name + "." : "", {}, false, {}, {}, work.At(target.name + ".cache"), {}, {}, {}, {} };
      auto       words = Extraction(work, one.Patches(study), one.cache);
      words.insert(words.begin() + 1, { "--imageSet", target.imageSet.string() });
      work.Add({ one.prefix + "extract-target", { words }, {}, { one.cache }, {}, { target.imageSet } });
    }
  return std::move(work.plan);
}

StudyPlan PlanStudy(const StudyFile & study, const std::filesystem::path & folder, const std::filesystem::path & modules)
{
  PlanWork work{ study, std::filesystem::absolute(folder).lexically_normal(), modules };
  work.plan = PlanPreparation(study, folder, modules);
  for (const auto & cell : work.plan.cells)
    work.made.emplace(cell.id, cell.outputs);
  for (const auto & target : study.targets)
  {
    const auto own = study.On(target.name);
    PlanWork   one{ own, work.folder, modules, std::move(work.plan), work.key, std::move(work.made) };
    PlanArms(one, target);
    work.plan = std::move(one.plan);
    work.made = std::move(one.made);
  }
  return std::move(work.plan);
}

} // namespace serval
