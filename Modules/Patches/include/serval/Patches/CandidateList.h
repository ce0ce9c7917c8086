#pragma once

#include "serval/Core/Geometry.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace serval
{

/// In which numbers a point is given.
enum class Coordinates
{
  Lps,  ///< mm, to the patient's left, posterior, superior (ITK, DICOM)
  Ras,  ///< mm, to the right, anterior, superior (NIfTI, Slicer's screen)
  Index ///< voxels of the image file, from 0
};
std::string ToText(Coordinates coordinates);
/// LPS, RAS or IJK in any letter case; Fault::Usage for another word.
Coordinates CoordinatesFrom(const std::string & text);

/// A point of interest in one case, as a detector or a reader marked it.
struct Candidate
{
  Point                position{};
  Coordinates          coordinates = Coordinates::Lps;
  std::string          id, label;
  std::optional<Point> direction; ///< in the same coordinates; not for Index

  /// mm, LPS.
  Point                PointIn(const Geometry & volume) const;
  std::optional<Point> DirectionInLps() const;
};

/// Candidates of each case.
using CandidateLists = std::map<std::string, std::vector<Candidate>>;

/// A CSV table with columns `case, x, y, z` and as wanted `label`, `id`, `coordinates`, `direction_x`, `direction_y`,
/// `direction_z`; or a folder with one file a case, CASE.csv (without `case`), CASE.mrk.json or CASE.fcsv (Slicer).
/// `tables`: the coordinates of tables without that column. Fault::Input, with file and row, for numbers that are none
/// and for a Slicer file that does not state its coordinates.
CandidateLists ReadCandidates(const std::filesystem::path & path, Coordinates tables);

} // namespace serval
