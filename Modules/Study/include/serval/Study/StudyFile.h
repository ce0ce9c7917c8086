#pragma once

#include "serval/Dataset/Resampling.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace serval
{

/// Options of one Serval application, as words of its command line.
using Words = std::vector<std::string>;

struct StudyFile;

/// What is classified: the patches of a manifest's patients, of an image set, or of a patch cache that exists.
struct StudyTarget
{
  std::string                        name = "target", text;
  std::filesystem::path              manifest, testManifest; ///< with a second manifest: all of the first train, all of the second are tested
  std::filesystem::path              imageSet, cache;
  std::map<std::string, std::string> classes; ///< of the manifest -> of the target; cases of others are left out. Empty: as they are
  Words                              patches; ///< options of ServalExtractPatches, in place of the study's
  std::vector<std::string>           pair = {};                  ///< two time points whose patches become one; empty: none
  std::string                        pairedAs = "side-by-side"; ///< or channels
  Words                              segment = {};              ///< options of ServalSegmentByThreshold: pseudo-segmentations of its cases, within which patches may be taken; empty: none

  /// Whether patches get their class from their case, not from the labels at their place.
  bool TakesClassOfCase(const StudyFile & study) const;
};

/// A network by the study's name for it.
struct StudyNetwork
{
  std::string name = "network";
  std::string architecture; ///< one of `serval inspect`; empty: unet, with its classifier
  Words       options;      ///< of both training applications: --filters, --depth
};

/// What a network learns before: the target's own patients by labels, thresholds or without labels, other data, a
/// published weight file, or several sources together.
struct StudySource
{
  std::string              name, text;
  std::string              labels;      ///< of the target's own patients: expert | threshold
  std::string              task;        ///< segment, classify, restore, masked, reconstruct, boltzmann
  std::vector<std::string> names;       ///< of the dense labels
  std::string              merge;       ///< OLD:NEW,OLD:NEW joined labels, or nothing
  Words                    segment;     ///< options of ServalSegmentByThreshold, for threshold
  std::filesystem::path    manifest, imageSet, cache; ///< other data
  Words                    patches;     ///< options of ServalExtractPatches, in place of the target's
  int                      steps = 150;
  Words                    options;     ///< more options of the training
  std::string              from;        ///< source whose network goes on here (double transfer)
  std::string              network;     ///< that learns, when the arms do not say; empty: the first
  std::vector<std::string> unionOf;     ///< sources joined to one set
  int                      classes = 0, perClass = 0; ///< matched subset; 0: all
  bool                     perRepeat = false;         ///< of other data: learned anew in each repeat, else once
  bool                     transductive = false;      ///< learns from the images of the largest training set and of the test patients, once a repeat
  std::string              weights;     ///< a name of `serval sources`, or a file (.pth, .pt, .th)
  Words                    weightImport; ///< options of ServalImportWeights; they replace those of the named source
  std::string              family;      ///< name before a sweep
  std::map<std::string, std::string> axes = {}; ///< of a sweep: what makes this one differ
  std::string              place = {};  ///< in the file, for messages

  bool IsWeights() const { return !weights.empty(); }
  bool IsOfTarget() const { return !labels.empty() || (manifest.empty() && imageSet.empty() && cache.empty() && unionOf.empty() && weights.empty()); }
};

/// What an arm does otherwise on one target; empty: as on all.
struct ArmChanges
{
  std::string place = {}; ///< in the file, for messages
  int         steps = 0;
  std::string layers = {}, negative = {};
  Words       features = {}, options = {};
};

/// One way to a classifier.
struct StudyArm
{
  enum class Strategy
  {
    Scratch,
    OffTheShelf, ///< a classical classifier on features of the source's network
    FineTuning,
    Segmentation, ///< the source's own class at the patch's centre
    Ensemble,     ///< of other arms' predictions
    Cascade,      ///< off-the-shelf: a detector, then a classifier of what it detects
    Majority,     ///< the training set's shares of the classes
    SizeOnly,     ///< geometry and a summary of intensities
    Place         ///< the same with the patch's place in its volume, which no network sees
  };
  std::string name, text;
  Strategy    strategy = Strategy::Scratch;
  std::string source;     ///< name of a source; empty for scratch
  std::string network;    ///< name of a network; empty: the first
  int         steps = 150;
  Words       options;    ///< more options of ServalTrainClassifier or ServalFitClassifier
  std::string layers;     ///< taps of an off-the-shelf arm; empty: the network's last before its head
  Words       features;   ///< more options of ServalExtractFeatures
  std::vector<std::string> of; ///< members of an ensemble; off the shelf, in place of a source: the trained arm whose network gives the features, or off-the-shelf arms whose features become one table
  std::string rule = "mean";   ///< of an ensemble: mean, vote, product, forward-selection
  std::vector<std::string> teachers; ///< arms distilled into this one
  std::string negative;        ///< class of a cascade that is not detected
  std::map<std::string, ArmChanges> changes = {}; ///< by target
  bool        shuffledLabels = false;
  bool        isAutomatic = false; ///< there for the sake of another arm: compute-matched
  std::string family;          ///< name before a sweep
  std::map<std::string, std::string> axes = {}; ///< of a sweep, by key; in the file's order of values through the arms' order
  std::string place = {}; ///< in the file, for messages; empty for automatic ones

  /// As it is on a target.
  StudyArm On(const std::string & target) const;
  /// Its text, and what is otherwise on which target.
  std::string InWords() const;
  bool IsTrained() const { return strategy == Strategy::Scratch || strategy == Strategy::FineTuning; }
  bool UsesSource() const { return !source.empty(); }
  /// Shows what chance and side information give; no competitor.
  bool IsControl() const { return shuffledLabels || strategy == Strategy::Majority || strategy == Strategy::SizeOnly || strategy == Strategy::Place; }
  /// Its features come from the network of a trained arm.
  bool IsOfArm() const { return strategy == Strategy::OffTheShelf && of.size() == 1; }
  /// Its features are those of several off-the-shelf arms side by side.
  bool JoinsFeatures() const { return strategy == Strategy::OffTheShelf && of.size() > 1; }
};

/// A study: targets x arms x training sizes x folds x repeats.
struct StudyFile
{
  std::filesystem::path     file;
  std::string               title, question, note;
  std::uint64_t             seed = 1;
  std::vector<StudyTarget>  targets;
  std::filesystem::path     weightFolder; ///< in which the files of named weights are looked for
  ResamplingPlan            resampling;
  std::vector<int>          trainPatients; ///< 0: all
  double                    validation = 0; ///< share of the training patients that choose the best step
  int                       minimumPerClass = 5; ///< test patients of a class in a fold
  Words                     patches;  ///< options of ServalExtractPatches
  std::vector<StudyNetwork> networks;
  Words                     training; ///< options of both training applications: --batch, --learningRate, ...
  std::vector<StudySource>  sources;
  std::vector<StudyArm>     arms;
  std::vector<std::string>  baselines; ///< arms that every other is compared with
  std::vector<std::string>  pairs;     ///< further comparisons: "ARM against ARM"
  bool                      allPairs = false;
  std::string               metric = "accuracy", unit = "auto";
  std::vector<std::string>  metrics;  ///< shown beside it
  std::string               correction = "holm";
  double                    alpha = 0.05, rope = 0.01;
  bool                      isComputeMatched = true;
  bool                      hasSimilarity = false;
  std::string               similarityLayer;
  std::string               finish;    ///< arm that is named before the run, for `finish`
  int                       pictures = 2; ///< cases of each source shown; 3 x errors of each arm (12 at most), 2 x patches arm by arm (8); 0: no gallery
  int                       runRepeats = 0, runFolds = 0; ///< of the resampling, the first so many; 0: all
  std::vector<std::string>  shrunk = {}; ///< what --scale smoke changed, in words

  /// Sweeps and automatic arms are spelled out. Fault::Input naming file, line, column and key for anything missing,
  /// unknown or contradictory.
  static StudyFile Read(const std::filesystem::path & file);
  const StudySource &  Source(const std::string & name) const;
  const StudyArm &     Arm(const std::string & name) const;
  const StudyNetwork & Network(const std::string & name) const; ///< the first for an empty name
  /// An arm's; of joined features that of the first.
  const StudyNetwork & NetworkOf(const StudyArm & arm) const;
  /// The study with all arms as they are on a target.
  StudyFile On(const std::string & target) const;
  /// "Target NAME", or "Target" where there is one without a name.
  std::string TargetInWords(const std::string & name) const;
  /// Those that an arm learns from, its own or those of the arms whose features it joins.
  std::vector<std::string> SourcesOf(const StudyArm & arm) const;
  /// Steps of all stages of an arm: its sources, all before them, its own. 0 where none but weight files came before.
  int StepsOf(const StudyArm & arm) const;
  /// The last feature layer before a network's head, where an arm names none.
  std::string LayersOf(const StudyArm & arm) const;
};

/// JSON schema of study files, for editors; made from the same declarations that read them.
std::string StudySchema();

/// A copy that runs in seconds on the same data: few patients, repeats and sizes, few steps, small networks and patches.
/// What was changed is in `shrunk`.
StudyFile SmokeScaled(StudyFile study);

/// Training sizes that are offered: an eighth, a third and all of those that can train, none below `least`.
std::set<std::size_t> OfferedSizes(std::size_t most, std::size_t least);

} // namespace serval
