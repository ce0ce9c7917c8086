#pragma once

#include "serval/Core/Error.h"
#include "serval/Core/Text.h"
#include "serval/Study/Plan.h"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace serval
{

Words Joined(std::initializer_list<Words> lists);

/// A study while it is planned. A cell that several arms need is added once.
struct PlanWork
{
  const StudyFile &     study;
  std::filesystem::path folder, modules;
  StudyPlan             plan = {};
  std::filesystem::path key = folder / "site.key"; ///< of lineages
  std::map<std::string, std::vector<std::filesystem::path>> made = {}; ///< outputs by cell

  std::filesystem::path At(const std::string & name) const { return folder / name; }
  std::string           Module(const char * name) const { return (modules / name).string(); }
  std::string           SeedOf(const std::string & tag) const; ///< for --seed
  bool                  Has(const std::string & id) const { return made.contains(id); }
  /// One that is there already is left as it is; Fault::Input when it makes something else: an arm has the name of a step. Caches are packed: with one file a case, opening them takes longer than a small training.
  void                  Add(Cell cell);
  std::filesystem::path List(const std::string & name) const { return folder / "lists" / (name + ".txt"); }
  void                  AddList(const std::string & name, const std::vector<std::string> & patients);
};

/// One target with its patients; `prefix` tells its cells from those of other targets.
struct TargetWork
{
  const StudyTarget &   target;
  std::string           prefix;
  std::vector<Case>     cases;  ///< with the target's classes
  bool                  hasManifest = true;
  std::vector<Resample> resamples;
  std::vector<std::string> classNames;
  std::filesystem::path    cache;
  std::vector<std::string> cacheNeeds; ///< cells before the cache is there
  std::set<std::string>    used;       ///< patients of any training set
  std::set<std::string>    tested;
  std::vector<std::string> channels; ///< of the manifest
  std::filesystem::path    segmented = {}; ///< folder of its cases' own pseudo-segmentations; empty: none
  std::vector<std::string> caseNeeds = {}; ///< cells before they are there

  Words Patches(const StudyFile & study) const;
  /// Who trains or is tested.
  std::set<std::string> Everyone() const;
  /// "n8-r0", "all-r1-f2": names one training.
  std::string Tag(int size, const Resample & resample) const;
  std::string TestList(const Resample & resample) const;
};

/// The target's patients, lists and cache. `given`: in place of the study's resamples.
TargetWork PlanTarget(PlanWork & work, const StudyTarget & target, const std::vector<Resample> & given = {});
/// The manifest of some patients, relative to the study's folder; pseudo-segmentations are those in the folder `pseudo`, else the target's own, else the manifest's.
std::string ManifestOf(const TargetWork & target, const std::set<std::string> & patients, const std::filesystem::path & folder, const std::filesystem::path & pseudo);
/// Where pseudo-segmentations of the target's cases lie, by the name of what wants them.
std::filesystem::path SegmentationFolder(const PlanWork & work, const TargetWork & target, const std::string & name);
/// Adds the cell that makes them for some patients, in each volume by itself; its name.
std::string PlanSegmentations(PlanWork & work, const TargetWork & target, const std::string & name, const Words & options, const std::set<std::string> & patients);
/// Images and labels of some patients: what an extraction reads.
std::vector<std::filesystem::path> FilesOf(const TargetWork & target, const std::set<std::string> & patients);
Words       Extraction(const PlanWork & work, const Words & patches, const std::filesystem::path & cache);
/// Up to five patients as messages show them, under the study's site key.
std::string Pseudonyms(const PlanWork & work, const std::vector<std::string> & patients);

/// The cases of the two time points that the target pairs, or all where it pairs none. Fault::Input when a patient lacks one of them.
std::vector<Case> CasesOfPairs(const PlanWork & work, const StudyTarget & target, std::vector<Case> cases);
/// Where patches of the target's patients are extracted to, before they are paired into `cache`; `cache` where nothing is paired.
std::filesystem::path UnpairedCache(const StudyTarget & target, const std::filesystem::path & cache);
/// Adds the cell that pairs what the cell `extraction` gave. The cells before `cache` is there.
std::vector<std::string> AddPairing(PlanWork & work, const TargetWork & target, const std::string & name, const std::filesystem::path & cache, const std::string & extraction);

/// A source's model for one network and one training, and the cell that makes it.
struct SourceModel
{
  std::string           cell;
  std::filesystem::path model;
  std::string           tag; ///< of the training it serves; "r0" for a repeat, empty for the whole study
};
/// Adds the cells that are not there yet. `tag`: TargetWork::Tag of the training that will use it.
SourceModel PlanSource(PlanWork & work, const TargetWork & target, const StudySource & source, const StudyNetwork & network, int size, const Resample & resample);
/// Words for a stage: patients, seed, key, threads.
Words TrainingWords(const PlanWork & work, const std::string & list, const std::string & seedTag);
/// Architecture and options of a network.
Words NetworkWords(const StudyNetwork & network);

/// One arm in one training; members of ensembles and teachers must be planned before.
void PlanArm(PlanWork & work, const TargetWork & target, const StudyArm & arm, int size, const Resample & resample);
void PlanSimilarity(PlanWork & work, const TargetWork & target);
void PlanPictures(PlanWork & work, const TargetWork & target);

} // namespace serval
