#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace serval
{

/// Options of one Serval application, as words of its command line.
using Words = std::vector<std::string>;

/// What a network knows before: the dense labels of the training fold's own patches, or a published weight file.
struct StudySource
{
  std::string              name, text;
  std::string              labels;      ///< expert | threshold; empty for a weight file
  std::vector<std::string> names;       ///< of the dense labels
  std::string              merge;       ///< OLD:NEW,OLD:NEW joined labels, or nothing
  Words                    segment;     ///< options of ServalSegmentByThreshold, for threshold
  int                      steps = 150;
  std::string              weights;     ///< a name of `serval sources`, or a file (.pth, .pt, .th)
  Words                    weightImport; ///< options of ServalImportWeights; they replace those of the named source
};

/// One strategy from one source.
struct StudyArm
{
  enum class Strategy
  {
    Scratch,
    OffTheShelf,
    FineTuning
  };
  std::string name, text;
  Strategy    strategy = Strategy::Scratch;
  std::string source;     ///< name of a source; empty for scratch
  int         steps = 150;
  Words       options;    ///< more options of ServalTrainClassifier or ServalFitClassifier
  std::string layers = "bottleneck"; ///< taps of an off-the-shelf arm
};

/// A study: arms x training sizes x repeats on one split.
struct StudyFile
{
  std::string              title, question, note;
  std::uint64_t            seed = 1;
  std::filesystem::path    manifest;
  std::filesystem::path    weightFolder; ///< in which the files of named weights are looked for
  int                      testPatients = 0;
  std::vector<int>         trainPatients;
  int                      repeats = 1;
  Words                    patches; ///< options of ServalExtractPatches
  Words                    network; ///< options of both training applications: --filters, --depth
  Words                    training; ///< options of both training applications: --batch, --learningRate, ...
  std::vector<StudySource> sources;
  std::vector<StudyArm>    arms;
  std::vector<std::string> baselines; ///< arms that every other is compared with
  int                      pictures = 2; ///< cases shown

  /// Fault::Input naming the key for anything missing, unknown or contradictory.
  static StudyFile   Read(const std::filesystem::path & file);
  const StudySource & Source(const std::string & name) const;
};

} // namespace serval
