#pragma once

#include "Support.h"

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace serval::commands
{

using Words = std::vector<std::string>;

/// An executable in cli-modules.
std::string Module(const std::string & name);

/// Runs a module on a pipe without progress elements.
support::CommandResult RunModule(const std::string & module, Words arguments);

/// A command that runs beside the test, on a pipe; killed at the end of the scope.
class RunningCommand
{
public:
  explicit RunningCommand(const Words & command);
  ~RunningCommand();
  RunningCommand(const RunningCommand &) = delete;
  RunningCommand & operator=(const RunningCommand &) = delete;

  /// False when the command ends, or a minute passes, before `happened`.
  bool WaitUntil(const std::function<bool()> & happened);
  /// Stdout so far.
  std::string Output() const;
  /// Sends the signal; exit code of the command, 128 + signal when it died of one.
  int EndBy(int signal);

private:
  support::TemporaryFolder m_Streams;
  pid_t                    m_Process = -1;
};

/// Names of the modules in cli-modules.
std::vector<std::string> Modules();

struct Phantom
{
  int    x = 18, y = 19, z = 20;
  double origin = 0;      ///< mm, of all axes
  bool   isEmpty = false; ///< labels: all 0
  bool   hasNaN = false;
};

/// A MetaImage of noise (float) whose lower half of z is dark and whose upper half is bright.
void WriteVolume(const std::filesystem::path & file, unsigned seed, const Phantom & phantom = {});
/// Its labels: 1 below, 2 above, 0 at x < 6.
void WriteLabels(const std::filesystem::path & file, const Phantom & phantom = {});

/// A folder with `cases` volumes, labels and the manifest m.csv (case, patient, image, segmentation).
void WriteCohort(const std::filesystem::path & folder, int cases);

/// Options of ServalExtractPatches for such a cohort.
Words Extraction(const std::filesystem::path & manifest, const std::filesystem::path & cache);

/// Names that begin with a dot: what an unfinished output would leave.
std::vector<std::string> HiddenNames(const std::filesystem::path & folder);

} // namespace serval::commands
