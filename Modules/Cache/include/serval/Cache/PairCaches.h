#pragma once

#include "serval/Cache/PatchCache.h"

#include <cstddef>
#include <filesystem>
#include <string>

namespace serval
{

/// How the patches of two time points become one.
enum class Pairing
{
  SideBySide, ///< twice as wide along x, the first time point on the left
  Channels    ///< the channels of the first time point, then those of the second
};
std::string ToText(Pairing pairing);
/// side-by-side or channels; Fault::Usage otherwise.
Pairing PairingFrom(const std::string & text);

/// Which cases of a patient belong together. Patches are paired by candidate; the i-th with the i-th of one candidate, or of
/// the patient where there are none.
struct PairPlan
{
  std::string first, second; ///< time points
  Pairing     as = Pairing::SideBySide;
  bool        skipUnpaired = false; ///< leaves out patients that cannot be paired; else they are refused
};

struct PairResult
{
  std::size_t patches = 0, patients = 0;
  std::size_t skipped = 0;    ///< patients
  std::size_t otherCases = 0; ///< of further time points, left out
  std::size_t unlikeScales = 0; ///< patients whose intensities spread more than three times as far at one time point as at the other
};

/// Writes the pairs as a cache of one case a patient, named like the patient. Place, candidate and geometry of a pair are those of its
/// first patch; side by side the segmentations are joined too, with channels that of the first stays. Fault::Input, with numbers and
/// before anything is written, when a time point is unknown, patients cannot be paired or classes of a pair differ.
PairResult WritePaired(const PatchCache & source, const PairPlan & plan, const std::string & provenance, const std::filesystem::path & folder);

} // namespace serval
