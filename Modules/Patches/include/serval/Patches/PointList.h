#pragma once

#include "serval/Patches/CandidateList.h"

#include <filesystem>
#include <vector>

namespace serval
{

/// The points of one case: a table without `case`, or a markups file of Slicer, .mrk.json or .fcsv.
std::vector<Candidate> ReadPoints(const std::filesystem::path & file, Coordinates tables);

/// A point list for Slicer (.mrk.json or .fcsv, in LPS), or a table x,y,z,label,id,coordinates (.csv). Directions are left
/// out. Fault::Usage for another extension, and for points that are given in voxels.
void WritePoints(const std::vector<Candidate> & points, const std::filesystem::path & file);

} // namespace serval
