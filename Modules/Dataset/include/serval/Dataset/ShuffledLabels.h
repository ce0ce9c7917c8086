#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace serval
{

/// The classes of rows, dealt anew between patients: what is learned from them tells what chance gives.
struct ShuffledLabels
{
  std::vector<int> classes;            ///< of each row; -1 stays where it was
  bool             ofPatients = false; ///< patients changed classes as wholes; else rows did, as the class is each row's own
  std::size_t      changed = 0;        ///< rows whose class is another one now
};

/// Where every patient's rows have one class, patients swap theirs; else all rows swap, whoever they belong to. How often a class
/// is given (to patients, or rows) stays. Never the classes as they were: they are dealt again until one row differs. Patients
/// are taken in the order of their names. Fault::Input when there are fewer than two patients or classes.
ShuffledLabels ShuffleLabels(const std::vector<std::string> & patients, const std::vector<int> & classes, std::uint64_t seed);

} // namespace serval
